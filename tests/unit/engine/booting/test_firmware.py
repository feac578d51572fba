from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from imagekit.appliance.disks import Filesystem
from imagekit.engine.booting.firmware import BOOT_CODE_SIZE, choose, firmware_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from imagekit.engine.opened import Opened
    from imagekit.testing.memory import MemoryGuest

EMPTY, GRUB = bytes(BOOT_CODE_SIZE), b"\xeb\x63".ljust(BOOT_CODE_SIZE, b"\0")


@pytest.mark.parametrize(
    ("code", "loader", "chosen"),
    [(EMPTY, True, "uefi"), (GRUB, True, "bios"), (GRUB, False, "bios"), (EMPTY, False, "bios")],
)
def test_code_for_bios_wins_and_a_loader_without_it_means_uefi(code: bytes, loader: bool, chosen: str) -> None:
    assert choose("auto", code, has_loader=loader) == chosen


@pytest.mark.parametrize("wanted", ["bios", "uefi"])
def test_what_is_asked_for_is_not_judged(wanted: Any) -> None:
    assert choose(wanted, GRUB, has_loader=False) == wanted
    assert choose(wanted, EMPTY, has_loader=True) == wanted


@pytest.fixture
def image(opened_guest: Callable[[MemoryGuest], Opened], debian: MemoryGuest, session: Any) -> Opened:
    session.answers["pread_device"] = EMPTY
    return opened_guest(debian)


def test_a_loader_is_found_whatever_the_case_of_its_name(image: Opened, debian: MemoryGuest, session: Any) -> None:
    assert firmware_of(image, "auto") == "bios"
    debian.add("/boot/efi/EFI/debian/shimx64.efi", b"MZ")

    assert firmware_of(image, "auto") == "uefi"
    assert ("pread_device", "/dev/sda", BOOT_CODE_SIZE, 0) in session.calls


def test_a_system_partition_counts_where_nothing_mounts_it(image: Opened) -> None:
    layout = replace(image.layout, filesystems=(Filesystem("/dev/sda1", "vfat"),))

    assert firmware_of(replace(image, layout=layout), "auto") == "uefi"
