"""Which boot loaders a guest has, and where each keeps its configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from imagekit.diagnostics import Problem

if TYPE_CHECKING:
    from imagekit.guest.protocol import Guest

Loader = Literal["bls", "systemd-boot", "grub", "extlinux"]

ENTRIES = "/{boot,boot/efi,efi}/loader/entries/*.conf"
GRUB_CONFIGS = "/boot/{grub,grub2,efi/EFI/*}/grub.cfg"
GRUB_ENVIRONMENTS = "/boot/{grub,grub2,efi/EFI/*}/grubenv"
LOADER_CONFIG = "/{boot,boot/efi,efi}/loader/loader.conf"
EXTLINUX = "/boot/{extlinux.conf,extlinux/extlinux.conf,syslinux/syslinux.cfg,syslinux/extlinux.conf}"
GRUB_DEFAULT = "/etc/default/grub"
GRUB_DEFAULT_MORE = "/etc/default/grub.d/*.cfg"
SHELL_SETTINGS = {
    "/etc/update-extlinux.conf": "default_kernel_opts",
    "/etc/default/extlinux": "EXTLINUX_PARAMETERS",
    "/etc/default/u-boot": "U_BOOT_PARAMETERS",
}
"""Files that a shell reads, from which entries are made: path -> the variable with the kernel arguments."""
COMMAND_LINES = "/{etc/kernel/cmdline,boot/cmdline.txt,boot/firmware/cmdline.txt}"
"""Files that are one command line: kernel-install(8) makes entries from the first, Raspberry Pis boot by the others."""

_REFUSED = {
    "/boot/grub/{menu.lst,grub.conf}": "GRUB legacy",
    "/etc/lilo.conf": "LILO",
    "/{boot,boot/efi,efi}/EFI/Linux/*.efi": "a unified kernel image alone",
    "/etc/zipl.conf": "zipl",
}


def regular(guest: Guest, *patterns: str) -> tuple[str, ...]:
    """Return the regular files that match, each once however many links lead to it, as real paths and sorted."""
    found = {path for pattern in patterns for path in guest.glob_expand(pattern)}
    return tuple(sorted({guest.realpath(path) for path in found if guest.is_file(path, followsymlinks=True)}))


def loaders(guest: Guest) -> tuple[Loader, ...]:
    """Return what loads the kernels of this guest; entries of the specification are read by GRUB or by systemd-boot."""
    grub = regular(guest, GRUB_CONFIGS)
    found: list[Loader] = []
    if regular(guest, ENTRIES):
        found.append("bls" if grub else "systemd-boot")
    if grub:
        found.append("grub")
    if regular(guest, EXTLINUX):
        found.append("extlinux")
    return tuple(found)


def supported_loaders(guest: Guest, field: str = "") -> tuple[Loader, ...]:
    """Return what loads the kernels of this guest.

    Raises:
        Problem: nothing that is supported does, at ``field``.
    """
    found = loaders(guest)
    if found:
        return found
    other = next((name for pattern, name in _REFUSED.items() if guest.glob_expand(pattern)), None)
    if other:
        raise Problem(
            field,
            f"this image boots by {other}, which is not supported",
            why="supported are GRUB 2, entries of the Boot Loader Specification, systemd-boot and extlinux",
            code="IK-BOOT-001",
        )
    raise Problem(field, "this image has no boot loader", why="there is no configuration of one", code="IK-BOOT-002")
