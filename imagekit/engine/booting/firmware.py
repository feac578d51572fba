"""What an image boots by: BIOS, which runs the code in its first sector, or UEFI, which runs a loader's file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from imagekit.engine.booting.lab import Firmware
    from imagekit.engine.opened import Opened

BOOT_CODE_SIZE = 440
"""Bytes of the first sector that are code; its disk signature and table follow (UEFI specification, 5.2.1)."""
_LOADERS = "/{boot/efi,boot,efi}/[Ee][Ff][Ii]/*/*.[Ee][Ff][Ii]"

Wanted = Literal["auto", "bios", "uefi"]


def choose(wanted: Wanted, boot_code: bytes, *, has_loader: bool) -> Firmware:
    """Return what an image is to be booted by: BIOS wherever there is code for it. Pure."""
    if wanted != "auto":
        return wanted
    return "uefi" if has_loader and not any(boot_code) else "bios"


def firmware_of(image: Opened, wanted: Wanted) -> Firmware:
    """Return what an open image is to be booted by; a system partition counts even where nothing mounts it."""
    code = bytes(image.session.call("pread_device", "/dev/sda", BOOT_CODE_SIZE, 0))
    loader = bool(image.guest.glob_expand(_LOADERS)) or any(f.type == "vfat" for f in image.layout.filesystems)
    return choose(wanted, code, has_loader=loader)
