from __future__ import annotations

import pytest

from imagekit.errors import StepError
from imagekit.guest.errors import BadGuestPath, GuestDiskFull, GuestError, NoSuchFile, VerbFailed, WrongKind


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (NoSuchFile("write", "/a/b"), "write: the guest has no /a/b"),
        (WrongKind("ls", "/a", "directory"), "ls: /a in the guest is not a directory"),
        (GuestDiskFull("write", "/a"), "write: no space left in the guest's file system at /a"),
        (VerbFailed("chmod", "/a", "Read-only file system"), "chmod: /a: Read-only file system"),
        (VerbFailed("command", "", "no program is named"), "command: no program is named"),
        (BadGuestPath("a\0b"), r"'a\x00b' is not an absolute guest path"),
        (BadGuestPath(7), "7 is not an absolute guest path"),
    ],
)
def test_a_verb_says_what_it_could_not_do_and_where(error: GuestError, sentence: str) -> None:
    assert error.message == sentence
    assert isinstance(error, StepError)


def test_a_full_guest_is_told_how_it_gets_room() -> None:
    assert "grow" in GuestDiskFull("write", "/a").fix
