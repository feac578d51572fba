from __future__ import annotations

import pytest

from imagekit.appliance.channel import VerbRefused
from imagekit.appliance.refusal import translate
from imagekit.guest.errors import GuestDiskFull, GuestError, NoSuchFile, VerbFailed, WrongKind
from imagekit.guest.paths import LinkLoop


def translated(text: str) -> GuestError:
    return translate(VerbRefused("verb", text, "RuntimeError"), "/etc/x")


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("write: open: /etc/x: No such file or directory", NoSuchFile),
        ("write: write: No space left on device", GuestDiskFull),
        ("cp_a: cp: error writing '/sysroot/etc/x': Disk quota exceeded", GuestDiskFull),
        ("readlink: /etc/x: Too many levels of symbolic links", LinkLoop),
        ("write: open: /etc/x: Is a directory", WrongKind),
        ("mkdir_p: /etc/x: Not a directory", WrongKind),
        ("cp_a: cp: /sysroot/etc/x is not a directory", WrongKind),
        ("checksum: /etc/x: is a directory", WrongKind),
        ("download: /etc/x is not a regular file", WrongKind),
        ("rename: /etc/x: Directory not empty", WrongKind),
        ("chmod: /etc/x: Read-only file system", VerbFailed),
        ("", VerbFailed),
    ],
)
def test_the_bindings_words_stand_for_an_error_of_the_guest(text: str, error: type[GuestError]) -> None:
    found = translated(text)

    assert type(found) is error
    assert getattr(found, "path", "/etc/x") == "/etc/x"


@pytest.mark.parametrize(
    ("text", "needed"),
    [
        ("open: Is a directory", "file"),
        ("opendir: Not a directory", "directory"),
        ("is not a regular file", "regular file"),
        ("Directory not empty", "empty directory"),
    ],
)
def test_a_wrong_kind_says_what_was_needed(text: str, needed: str) -> None:
    error = translated(text)

    assert isinstance(error, WrongKind)
    assert error.needed == needed


def test_a_full_disk_comes_before_what_else_is_said() -> None:
    assert isinstance(translated("No such file or directory\ncp: No space left on device"), GuestDiskFull)


@pytest.mark.parametrize(
    ("text", "reason"),
    [("first line\nlast line\n", "last line"), ("  \n", "no reason given"), ("", "no reason given")],
)
def test_what_has_no_class_of_its_own_keeps_the_last_line(text: str, reason: str) -> None:
    error = translated(text)

    assert isinstance(error, VerbFailed)
    assert (error.verb, error.reason) == ("verb", reason)
