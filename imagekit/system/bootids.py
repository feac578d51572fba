"""The machine-id in what boots a guest: on kernel command lines, in the names of boot entries, in grubenv.

``systemd.machine_id=`` on a kernel command line beats /etc/machine-id, so every clone would have that one id;
kernel-install(8) writes it. Boot entries named by the id are renamed to the token that systemd's own
BUILDING_IMAGES page asks golden images for: IMAGE_ID or ID of os-release(5), kept in /etc/kernel/entry-token. A name
that stays behind is no identity, but a new kernel's entry may sort below it and never boot.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from imagekit.guest import paths
from imagekit.guest.osrelease import clean_word, parse_os_release
from imagekit.system.bootloader import grubenv
from imagekit.system.bootloader.loaders import (
    COMMAND_LINES,
    ENTRIES,
    EXTLINUX,
    GRUB_CONFIGS,
    GRUB_DEFAULT,
    GRUB_DEFAULT_MORE,
    GRUB_ENVIRONMENTS,
    LOADER_CONFIG,
    SHELL_SETTINGS,
    regular,
)
from imagekit.system.text import read_text, write_text

if TYPE_CHECKING:
    from imagekit.guest.protocol import Guest

ENTRY_TOKEN = "/etc/kernel/entry-token"  # noqa: S105  a path
MACHINE_INFO = "/etc/machine-info"
TEXTS = (
    GRUB_CONFIGS,
    GRUB_ENVIRONMENTS,
    ENTRIES,
    LOADER_CONFIG,
    EXTLINUX,
    GRUB_DEFAULT,
    GRUB_DEFAULT_MORE,
    *SHELL_SETTINGS,
    COMMAND_LINES,
    ENTRY_TOKEN,
    "/etc/kernel/{install.conf,install.conf.d/*.conf}",
    MACHINE_INFO,
)
"""Glob patterns of every text that a kernel command line or the name of a boot entry is read from."""
_OPTION = re.compile(r"(?P<gap>[ \t]?)\bsystemd\.machine_id=[0-9A-Fa-f-]{32,36}(?![0-9A-Za-z-])")
_SETTING = re.compile(
    r"""^[ \t]*(?:KERNEL_INSTALL_)?MACHINE_ID=["']?[0-9A-Fa-f-]{32,36}["']?[ \t]*(?:\n|\Z)""", re.MULTILINE
)
"""By which kernel-install names entries, whatever /etc/machine-id says: machine-info(5), kernel-install(8)."""
_ROOTS = "/{boot,boot/efi,efi}"


def texts(guest: Guest) -> tuple[str, ...]:
    """Return the boot texts that this guest has, as real paths: grubenv is a link on many."""
    return regular(guest, *TEXTS)


def fixing_texts(guest: Guest) -> tuple[str, ...]:
    """Return the boot texts that give every boot, or every new boot entry, one fixed machine-id."""
    return tuple(path for path in texts(guest) if without_option(text := read_text(guest, path)) != text)


def without_option(text: str) -> str:
    """Return a text without settings of a fixed id; ``systemd.machine_id=firmware`` is no identity and stays."""
    return _SETTING.sub("", _OPTION.sub("", text))


def forget(guest: Guest, old: str | None) -> None:
    """Take the fixed id off every command line, and the old id out of the names of boot entries and their files."""
    token = _token(guest, old)
    named = named_by(guest, old) if old else ()
    for path in texts(guest):
        before = read_text(guest, path)
        text = without_option(before)
        if old:
            text = re.sub(rf"^machine-id[ \t]+{old}\n", "", text, flags=re.MULTILINE).replace(old, token)
        if text != before:
            write_text(guest, path, grubenv.padded(text) if paths.name(path) == "grubenv" else text)
    for path in named:
        _move(guest, path, paths.join(paths.parent(path), paths.name(path).replace(str(old), token)))
    if named and guest.exists("/usr/bin/kernel-install") and not guest.exists(ENTRY_TOKEN):
        guest.mkdir_p(paths.parent(ENTRY_TOKEN))
        guest.write(ENTRY_TOKEN, f"{token}\n")


def named_by(guest: Guest, machine_id: str) -> tuple[str, ...]:
    """Return the boot entries, kernels, rescue images and kernel folders whose name holds an id."""
    patterns = (f"{_ROOTS}/*{machine_id}*", f"{_ROOTS}/{{loader/entries,EFI/Linux}}/*{machine_id}*")
    return tuple(sorted({path for pattern in patterns for path in guest.glob_expand(pattern)}))


def _move(guest: Guest, source: str, target: str) -> None:
    """Rename; where both are folders, what is in the one joins what is in the other."""
    if not (guest.is_dir(source) and guest.is_dir(target)):
        guest.mv(source, target)
        return
    for name in guest.ls(source):
        _move(guest, paths.join(source, name), paths.join(target, name))
    guest.rm_rf(source)


def _token(guest: Guest, old: str | None) -> str:
    """Return what entries are named by from now on: the token that is set, unless it is the old id, else the image's."""
    release = parse_os_release(read_text(guest, "/etc/os-release") or read_text(guest, "/usr/lib/os-release"))
    chosen = (read_text(guest, ENTRY_TOKEN).strip(), release.get("IMAGE_ID", ""), release.get("ID", ""))
    return next((word for word in chosen if clean_word(word) and ":" not in word and word != old), "linux")
