"""Whether a guest can start: a kernel, its initramfs, its boot entry."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from imagekit.system.bootloader.loaders import ENTRIES, EXTLINUX, GRUB_CONFIGS, regular
from imagekit.system.initramfs.images import images_of
from imagekit.system.text import read_text

if TYPE_CHECKING:
    from imagekit.guest.protocol import Guest

_LOOSE = "/boot/initramfs-{{{},linux}}*"
"""Images that are named by no version: by Alpine's flavour, or Arch's one name, whatever follows it."""


def complaints(guest: Guest, kernels: tuple[str, ...]) -> tuple[str, ...]:
    """Return what would keep each of these kernels from starting; () if nothing would."""
    texts = tuple(read_text(guest, path) for path in regular(guest, GRUB_CONFIGS, ENTRIES, EXTLINUX))
    found = []
    for version in kernels:
        if not _has_initramfs(guest, version):
            found.append(f"kernel {version} has no initramfs in /boot")
        if texts and not any(_names(version).search(text) for text in texts):
            found.append(f"kernel {version} has no boot entry")
    return tuple(found)


def _names(version: str) -> re.Pattern[str]:
    """Return a pattern for the names of a kernel: by its version, else by flavour (Alpine), or always one (Arch)."""
    flavour = version.rpartition("-")[2]
    by_flavour = "" if flavour.isdigit() else rf"|vmlinuz-{re.escape(flavour)}(?![\w+~-])"
    return re.compile(rf"(?<![\d.]){re.escape(version)}(?![\w+~-]|\.\d)|vmlinuz-linux{by_flavour}")


def _has_initramfs(guest: Guest, version: str) -> bool:
    flavour = version.rpartition("-")[2]
    return bool(images_of(guest, version) or guest.glob_expand(_LOOSE.format(flavour)))
