"""Where the initramfs of each kernel is, by the names that distributions and kernel-install(8) give it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from imagekit.errors import ImageError
from imagekit.guest import edit
from imagekit.system.text import read_text

if TYPE_CHECKING:
    from imagekit.guest.protocol import Guest

_BY_VERSION = ("initrd.img-{}", "initramfs-{}.img", "initrd-{}")
_INSTALLED = "/{{boot,boot/efi,efi}}/*/{}/initrd*"
"""One folder a version, below the machine-id or the entry token: kernel-install(8)."""
_PRESET_IMAGE = re.compile(r"^\s*(?P<name>\w+)_image=", re.MULTILINE)


class NoInitramfs(ImageError):
    """A kernel has no initramfs where distributions keep it."""

    code = "IK-IRF-002"

    def __init__(self, kernel: str) -> None:
        self.kernel = kernel
        super().__init__(
            f"kernel {kernel} has no initramfs in /boot",
            why="it may be part of a unified kernel image, which is not supported",
        )


def images_of(guest: Guest, kernel: str) -> tuple[str, ...]:
    """Return the images of a kernel that are there, the one that boots by default first; () if there is none.

    Rescue images belong to no version: they hold a kernel of their own, and are never made anew.
    """
    base = package_base(guest, kernel)
    named = [f"/boot/{name.format(kernel)}" for name in _BY_VERSION]
    if base:
        named += preset_images(guest, base)
    flavour = kernel.rpartition("-")[2]
    if not flavour.isdigit():
        named.append(f"/boot/initramfs-{flavour}")
    found = [path for path in named if guest.is_file(path, followsymlinks=True)]
    return tuple(dict.fromkeys([*found, *guest.glob_expand(_INSTALLED.format(kernel))]))


def image_of(guest: Guest, kernel: str) -> str:
    """Return the image that a kernel boots with by default.

    Raises:
        NoInitramfs: it has none.
    """
    found = images_of(guest, kernel)
    if not found:
        raise NoInitramfs(kernel)
    return found[0]


def package_base(guest: Guest, kernel: str) -> str:
    """Return the package that a kernel of Arch is of, ``linux`` or ``linux-lts``; "" elsewhere."""
    for home in ("/usr/lib/modules", "/lib/modules"):
        text = read_text(guest, f"{home}/{kernel}/pkgbase").strip()
        if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9@._+-]*", text):
            return text
    return ""


def preset_images(guest: Guest, base: str) -> tuple[str, ...]:
    """Return the images that mkinitcpio(8) makes for a kernel package: those of its preset, or the usual two."""
    text = read_text(guest, f"/etc/mkinitcpio.d/{base}.preset")
    values = [edit.value_of(text, f"{match['name']}_image") for match in _PRESET_IMAGE.finditer(text)]
    named = tuple(value for value in values if value and value.startswith("/"))
    return named or (f"/boot/initramfs-{base}.img", f"/boot/initramfs-{base}-fallback.img")
