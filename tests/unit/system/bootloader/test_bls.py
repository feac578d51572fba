from __future__ import annotations

import pytest

from imagekit.system.bootloader import bls, cmdline

ENTRY = "title Fedora\nlinux /vmlinuz\ninitrd /one /two\ninitrd /three\noptions root=UUID=1 ro\noptions quiet  \n"


def edited(text: str) -> str:
    return bls.edit_options(
        text, lambda line: cmdline.without(line, ("ro",)), lambda line: cmdline.with_added(line, ("x=1", "quiet"))
    )


def test_keys_may_stand_more_than_once() -> None:
    assert bls.values(ENTRY, "initrd") == ("/one /two", "/three")
    assert bls.options(ENTRY) == "root=UUID=1 ro quiet"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (ENTRY, ENTRY.replace(" ro\n", "\n").replace("quiet  \n", "quiet x=1  \n")),
        ("linux /vmlinuz", "linux /vmlinuz\noptions x=1 quiet\n"),
        ("linux\t/vmlinuz\noptions\tquiet", "linux\t/vmlinuz\noptions\tquiet x=1"),
        ("efi /shell.efi\noptions ro\n", "efi /shell.efi\noptions ro\n"),
        ("#linux /x\n#options ro\n", "#linux /x\n#options ro\n"),
    ],
)
def test_options_are_edited(before: str, after: str) -> None:
    assert edited(before) == after
    assert edited(after) == after


@pytest.mark.parametrize(
    ("text", "shared"),
    [("ro $kernelopts", True), ("${kernelopts} ro", True), ("$kernelopts_x", False), ("kernelopts", False)],
)
def test_entries_that_share_their_arguments_are_known(text: str, shared: bool) -> None:
    assert bool(bls.KERNELOPTS.search(text)) is shared
