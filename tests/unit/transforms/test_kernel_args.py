from __future__ import annotations

import pytest
from pydantic import ValidationError

from imagekit.diagnostics import Problem
from imagekit.system.bootloader.arguments import arguments
from imagekit.system.bootloader.entries import entries
from imagekit.testing.memory import MemoryGuest
from imagekit.transforms.kernel_args import KernelArgs

EVERY = ["debian", "debian13", "ubuntu", "fedora", "rocky", "opensuse", "arch", "alpine"]
STEP = KernelArgs(add=("console=tty0", "console=ttyS0,115200n8"), remove=("quiet", "console"))


@pytest.mark.parametrize("name", EVERY)
def test_every_entry_of_every_family_says_what_is_asked_for(request, name: str) -> None:
    guest = request.getfixturevalue(name)

    STEP.apply(guest)

    assert {entry.arguments[-2:] for entry in entries(guest)} == {("console=tty0", "console=ttyS0,115200n8")}
    assert "quiet" not in arguments(guest)
    assert guest.commands == []


def test_what_grub_makes_its_menu_from_says_it_too(debian: MemoryGuest) -> None:
    STEP.apply(debian)

    settings = debian.read_file("/etc/default/grub").decode()
    assert 'GRUB_CMDLINE_LINUX="console=tty0 console=ttyS0,115200n8"\n' in settings
    assert 'GRUB_CMDLINE_LINUX_DEFAULT=""\n' in settings


@pytest.mark.parametrize("name", EVERY)
def test_applying_twice_changes_nothing(request, snapshot, name: str) -> None:
    guest = request.getfixturevalue(name)
    STEP.apply(guest)
    first = snapshot(guest)

    STEP.apply(guest)

    assert snapshot(guest) == first


def test_a_guest_that_boots_by_something_else_is_told() -> None:
    with pytest.raises(Problem, match="GRUB legacy") as caught:
        KernelArgs(remove=("quiet",)).apply(MemoryGuest({"/boot/grub/menu.lst": ""}))

    assert caught.value.field == "remove"


def test_the_title_tells_both() -> None:
    assert KernelArgs(add=("a=1",), remove=("quiet",)).title() == "kernel-args +a=1 -quiet"


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"add": ["a b"]},
        {"add": ["a=$b"]},
        {"add": ["a\n"]},
        {"remove": [""]},
        {"add": ["a=1"], "remove": ["a=1"]},
        {"add": ["a-b"], "remove": ["a_b"]},
    ],
)
def test_what_is_no_change_or_no_argument_is_refused(fields: dict[str, list[str]]) -> None:
    with pytest.raises(ValidationError):
        KernelArgs.model_validate(fields)
