from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from imagekit.identity.flaw import Device

if TYPE_CHECKING:
    from collections.abc import Callable

    from imagekit.testing.memory import MemoryGuest


ESP = (Device("/dev/sda1", "vfat", "/boot/efi"),)


def test_a_guest_without_a_system_partition_is_clean(look: Callable[..., Any], clean: MemoryGuest) -> None:
    assert look("no-efi-fallback", clean) == []


def test_a_vendors_loader_alone_is_found_by_no_other_machine(look: Callable[..., Any], debian: MemoryGuest) -> None:
    debian.add("/boot/efi/EFI/debian/grubx64.efi", "")

    (sign,) = look("no-efi-fallback", debian, devices=ESP)

    assert sign.path == "/boot/efi/EFI/BOOT"


@pytest.mark.parametrize("name", ["EFI/BOOT/BOOTX64.EFI", "efi/boot/bootaa64.efi", "EFI/Boot/bootx64.efi"])
def test_a_fallback_of_any_spelling_will_do(look: Callable[..., Any], debian: MemoryGuest, name: str) -> None:
    debian.add(f"/boot/efi/{name}", "")
    debian.add(f"/boot/efi/{name.partition('/')[0]}/debian/grubx64.efi", "")

    assert look("no-efi-fallback", debian, devices=ESP) == []


def test_other_files_at_the_fallback_path_start_nothing(look: Callable[..., Any], debian: MemoryGuest) -> None:
    debian.add("/boot/efi/EFI/BOOT/fbx64.efi", "")

    assert len(look("no-efi-fallback", debian, devices=ESP)) == 1


def test_an_empty_partition_is_not_what_starts_this_guest(look: Callable[..., Any], debian: MemoryGuest) -> None:
    debian.mkdir_p("/boot/efi/EFI")

    assert look("no-efi-fallback", debian, devices=ESP) == []


def test_a_folder_of_a_vendor_without_a_loader_starts_nothing(look: Callable[..., Any], debian: MemoryGuest) -> None:
    debian.add("/boot/efi/EFI/debian/grub.cfg", "")

    assert look("no-efi-fallback", debian, devices=ESP) == []


def test_what_is_not_mounted_is_not_judged(look: Callable[..., Any], debian: MemoryGuest) -> None:
    debian.add("/boot/efi/EFI/debian/grubx64.efi", "")

    assert look("no-efi-fallback", debian, devices=(Device("/dev/sda1", "vfat"),)) == []
