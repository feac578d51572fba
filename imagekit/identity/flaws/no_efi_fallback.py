"""An EFI system partition that only one machine's firmware can start from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagekit.identity.flaw import BOTH, Flaw, Sign

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imagekit.guest.protocol import Guest
    from imagekit.identity.flaw import Scene

_PLACES = ("/boot/efi", "/efi", "/boot")
_FALLBACKS = frozenset(f"boot{machine}.efi" for machine in ("x64", "aa64", "ia32", "arm", "riscv64", "loongarch64"))
"""By machine, as UEFI calls it: UEFI Specification, removable media boot behaviour."""


def find(scene: Scene) -> Iterator[Sign]:
    """Yield each mounted system partition that has boot loaders, and none at the path that firmware tries by itself."""
    mounted = {device.mountpoint for device in scene.devices if device.type == "vfat"}
    for place in _PLACES:
        if place in mounted:
            folder = _below(scene.guest, place, "efi")
            vendors = {name.lower(): name for name in _names(scene.guest, folder)}
            loaders = scene.guest.glob_expand(f"{folder}/{{*,*/*}}/*.[eE][fF][iI]") if vendors else ()
            if loaders and not _FALLBACKS & {name.lower() for name in _fallbacks(scene.guest, place, vendors)}:
                yield Sign(f"{place}/EFI/BOOT", "there is no boot loader where firmware looks for one by itself")


def _fallbacks(guest: Guest, place: str, vendors: dict[str, str]) -> tuple[str, ...]:
    return _names(guest, f"{_below(guest, place, 'efi')}/{vendors['boot']}") if "boot" in vendors else ()


def _below(guest: Guest, place: str, folder: str) -> str:
    """Return a folder of a FAT file system, however its name is spelt; it may not be there."""
    spelt = next((name for name in _names(guest, place) if name.lower() == folder), folder)
    return f"{place}/{spelt}"


def _names(guest: Guest, folder: str) -> tuple[str, ...]:
    return guest.ls(folder) if guest.is_dir(folder) else ()


FLAW = Flaw(
    id="no-efi-fallback",
    group="boot",
    title="no boot loader at the fallback path",
    severity="warning",
    why="boot entries are kept by the firmware, not on the disk, so a clone on UEFI finds nothing to start",
    fix="install the boot loader with its removable path too: grub-install --removable, or shim at EFI/BOOT",
    find=find,
    uses=BOTH,
)
