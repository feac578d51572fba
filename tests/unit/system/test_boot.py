from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from imagekit.system.boot import complaints
from imagekit.testing.memory import MemoryGuest

if TYPE_CHECKING:
    from imagekit.testing.tree import Entry

DEBIAN = "6.1.0-21-amd64"
FEDORA = "6.8.5-301.fc40.x86_64"
ALPINE = "6.6.31-0-lts"
ARCH = "6.9.1-arch1-1"


def guest(**files: Entry) -> MemoryGuest:
    return MemoryGuest({"/boot/" + name: content for name, content in files.items()})


SOUND = [
    (DEBIAN, {f"initrd.img-{DEBIAN}": "", "grub/grub.cfg": f"linux /boot/vmlinuz-{DEBIAN} root=/dev/sda1"}),
    (FEDORA, {f"initramfs-{FEDORA}.img": "", "loader/entries/a.conf": f"linux /vmlinuz-{FEDORA}"}),
    (FEDORA, {f"initrd-{FEDORA}": "", "grub2/grub.cfg": f"linux /boot/vmlinuz-{FEDORA}"}),
    (ALPINE, {"initramfs-lts": "", "extlinux.conf": "LINUX vmlinuz-lts\nINITRD initramfs-lts"}),
    (ARCH, {"initramfs-linux.img": "", "grub/grub.cfg": "linux /boot/vmlinuz-linux root=/dev/sda1"}),
    (FEDORA, {f"fedora/{FEDORA}/initrd": "", "loader/entries/a.conf": f"linux /fedora/{FEDORA}/linux"}),
    (FEDORA, {f"efi/fedora/{FEDORA}/initrd": "", "efi/loader/entries/a.conf": f"linux /fedora/{FEDORA}/linux"}),
    (ARCH, {"initramfs-linux-fallback.img": "", "syslinux/syslinux.cfg": "LINUX ../vmlinuz-linux"}),
]


@pytest.mark.parametrize(("version", "files"), SOUND)
def test_a_kernel_with_its_initramfs_and_its_entry_starts(version: str, files: dict[str, str]) -> None:
    assert complaints(guest(**files), (version,)) == ()


@pytest.mark.parametrize(("version", "files"), SOUND)
def test_a_kernel_without_its_initramfs_is_told(version: str, files: dict[str, str]) -> None:
    without = {name: text for name, text in files.items() if "/init" not in f"/{name}"}

    assert complaints(guest(**without), (version,)) == (f"kernel {version} has no initramfs in /boot",)


@pytest.mark.parametrize(("version", "files"), SOUND)
def test_a_kernel_that_no_entry_names_is_told(version: str, files: dict[str, str]) -> None:
    without = {name: text if "/init" in f"/{name}" else "linux /vmlinuz-5.0.0" for name, text in files.items()}

    assert complaints(guest(**without), (version,)) == (f"kernel {version} has no boot entry",)


def test_each_kernel_is_told_by_itself() -> None:
    grub = "linux /boot/vmlinuz-6.1.0-1-amd64\nlinux /boot/vmlinuz-6.1.0-10-amd64"
    found = complaints(guest(**{"grub/grub.cfg": grub}), ("6.1.0-1-amd64", "6.1.0-9-amd64"))

    assert found == (
        "kernel 6.1.0-1-amd64 has no initramfs in /boot",
        "kernel 6.1.0-9-amd64 has no initramfs in /boot",
        "kernel 6.1.0-9-amd64 has no boot entry",
    )


@pytest.mark.parametrize("other", ["6.8.5-301.fc40.x86_64+debug", "16.8.5-301.fc40.x86_64"])
def test_an_entry_of_a_kernel_with_a_longer_name_is_not_its_own(other: str) -> None:
    files = {f"initramfs-{FEDORA}.img": "", "loader/entries/a.conf": f"linux /vmlinuz-{other}\n"}

    assert complaints(guest(**files), (FEDORA,)) == (f"kernel {FEDORA} has no boot entry",)


def test_a_guest_whose_boot_loader_keeps_no_text_has_no_entries_to_miss() -> None:
    assert complaints(guest(**{f"initrd.img-{DEBIAN}": ""}), (DEBIAN,)) == ()


def test_a_guest_without_kernels_misses_nothing() -> None:
    assert complaints(guest(**{"grub/grub.cfg": ""}), ()) == ()
