from __future__ import annotations

import re

import pytest

from imagekit.system.bootloader import cmdline


def test_words_are_parted_by_blanks_outside_quotes() -> None:
    assert cmdline.words('root=/dev/vda1  ro dyndbg="file a.c +p" quiet ') == (
        "root=/dev/vda1",
        "ro",
        'dyndbg="file a.c +p"',
        "quiet",
    )


@pytest.mark.parametrize(
    ("remove", "after"),
    [
        ("quiet", "ro  console=tty0 console=ttyS0 rd.driver-x=1"),
        ("console", "ro quiet rd.driver-x=1"),
        ("console=tty0", "ro quiet console=ttyS0 rd.driver-x=1"),
        ("rd.driver_x", "ro quiet  console=tty0 console=ttyS0"),
        ("ro", "quiet  console=tty0 console=ttyS0 rd.driver-x=1"),
        ("ro=1", "ro quiet  console=tty0 console=ttyS0 rd.driver-x=1"),
        ("cons", "ro quiet  console=tty0 console=ttyS0 rd.driver-x=1"),
    ],
)
def test_a_name_takes_all_of_it_and_an_argument_itself(remove: str, after: str) -> None:
    assert cmdline.without("ro quiet  console=tty0 console=ttyS0 rd.driver-x=1", (remove,)).split() == after.split()


def test_the_other_text_stays_as_it_is() -> None:
    assert cmdline.without("  ro   $more  quiet  x ", ("quiet",)) == "  ro   $more  x "


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "console=ttyS0"),
        ("quiet", "quiet console=ttyS0"),
        ("quiet  ", "quiet console=ttyS0"),
        ("console=ttyS0 quiet", "console=ttyS0 quiet"),
        ('"console=ttyS0" quiet', '"console=ttyS0" quiet'),
        ("console=ttyS01", "console=ttyS01 console=ttyS0"),
    ],
)
def test_what_is_added_goes_to_the_end_unless_it_is_there(before: str, after: str) -> None:
    assert cmdline.with_added(before, ("console=ttyS0",)) == after


@pytest.mark.parametrize("before", ["console=tty0 quiet", "console=tty0 console=ttyS0", "quiet"])
def test_what_is_added_counts_where_its_name_is_removed(before: str) -> None:
    once = cmdline.changed(before, ("console=ttyS0",), ("console",))

    assert [word for word in cmdline.words(once) if "console" in word] == ["console=ttyS0"]
    assert cmdline.changed(once, ("console=ttyS0",), ("console",)) == once


@pytest.mark.parametrize(
    "argument",
    [
        "quiet",
        "console=ttyS0,115200n8",
        'dyndbg="file drivers/usb/* +p"',
        "video=HDMI-A-1:1920x1080@60",
        "memmap=1G!4G",
    ],
)
def test_what_is_an_argument_is_one(argument: str) -> None:
    assert re.fullmatch(cmdline.ARGUMENT, argument)


@pytest.mark.parametrize(
    "argument",
    [
        "",
        "a b",
        "a\nb",
        "a$b",
        "a;b",
        "a`b",
        "a\\b",
        "a'b",
        'a="b',
        "-",
        "--",
        "a{",
        "a|b",
        "a&b",
        "a<b",
        "é",
        '"',
        "#x",
    ],
)
def test_what_a_shell_or_grub_would_take_apart_is_none(argument: str) -> None:
    assert not re.fullmatch(cmdline.ARGUMENT, argument)
