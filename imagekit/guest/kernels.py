"""Which kernels a guest has: versions with both modules and an image."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagekit.guest.osrelease import clean_word
from imagekit.guest.versions import version_key

if TYPE_CHECKING:
    from imagekit.guest.protocol import Guest

_HOMES = ("/lib/modules", "/usr/lib/modules")
_BESIDE = "/{boot,boot/efi,efi}/*"
"""The folders in which kernel-install(8) puts one folder a version."""


def installed_kernels(guest: Guest) -> tuple[str, ...]:
    """Return the versions that can boot, newest last.

    A version has a folder of modules, and an image: /boot/vmlinuz-VERSION, one beside the modules, Alpine's by
    flavour, or one where kernel-install puts it. Folders that a removed kernel left behind have none.
    """
    versions = {name for home in _HOMES for name in _names(guest, home) if clean_word(name) and name[0].isdigit()}
    boot = _names(guest, "/boot")
    return tuple(sorted((version for version in versions if _has_image(guest, version, boot)), key=version_key))


def _has_image(guest: Guest, version: str, boot: frozenset[str]) -> bool:
    if any(f"{image}-{version}" in boot for image in ("vmlinuz", "vmlinux", "Image", "zImage")):
        return True
    flavour = version.rpartition("-")[2]
    if not flavour.isdigit() and f"vmlinuz-{flavour}" in boot:
        return True
    if any(guest.exists(f"{home}/{version}/vmlinuz") for home in _HOMES):
        return True
    return bool(guest.glob_expand(f"{_BESIDE}/{version}/{{linux,vmlinuz*}}"))


def _names(guest: Guest, directory: str) -> frozenset[str]:
    return frozenset(guest.ls(directory)) if guest.is_dir(directory, followsymlinks=True) else frozenset()
