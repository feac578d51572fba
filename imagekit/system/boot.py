"""Whether a guest can start: a kernel, its initramfs, its boot entry."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from imagekit.guest.protocol import Guest

_CONFIGS = (
    "/boot/grub/grub.cfg",
    "/boot/grub2/grub.cfg",
    "/boot/loader/entries/*.conf",
    "/boot/extlinux.conf",
    "/boot/extlinux/extlinux.conf",
    "/boot/syslinux/syslinux.cfg",
)


def complaints(guest: Guest, kernels: tuple[str, ...]) -> tuple[str, ...]:
    """Return what would keep each of these kernels from starting; () if nothing would."""
    texts = _boot_texts(guest)
    found = []
    for version in kernels:
        if not _initramfs(guest, version):
            found.append(f"kernel {version} has no initramfs in /boot")
        if texts and not any(_names(version).search(text) for text in texts):
            found.append(f"kernel {version} has no boot entry")
    return tuple(found)


def _names(version: str) -> re.Pattern[str]:
    """Return a pattern for the names of a kernel: by its version, else by flavour (Alpine), or always one (Arch)."""
    flavour = version.rpartition("-")[2]
    by_flavour = "" if flavour.isdigit() else rf"|vmlinuz-{re.escape(flavour)}(?![\w+~-])"
    return re.compile(rf"(?<![\d.]){re.escape(version)}(?![\w+~-]|\.\d)|vmlinuz-linux{by_flavour}")


def _initramfs(guest: Guest, version: str) -> tuple[str, ...]:
    """Return the initramfs of a kernel, by the names that distributions give it."""
    flavour = version.rpartition("-")[2]
    names = (f"initrd.img-{version}", f"initramfs-{version}.img", f"initrd-{version}", f"initramfs-{flavour}*")
    found = [path for name in names for path in guest.glob_expand(f"/boot/{name}")]
    return tuple(found) or guest.glob_expand("/boot/initramfs-linux*.img")


def _boot_texts(guest: Guest) -> tuple[str, ...]:
    paths = [path for pattern in _CONFIGS for path in guest.glob_expand(pattern)]
    return tuple(guest.read_file(path).decode(errors="replace") for path in paths if guest.is_file(path))
