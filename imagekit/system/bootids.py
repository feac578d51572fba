"""The machine-id in what boots a guest: on kernel command lines, in the names of boot entries, in grubenv.

``systemd.machine_id=`` on a kernel command line beats /etc/machine-id, so every clone would have that one id;
kernel-install(8) writes it. Boot entries named by the id are renamed to the token that systemd's own
BUILDING_IMAGES page asks golden images for: the ID of os-release(5), kept in /etc/kernel/entry-token.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from imagekit.guest import paths
from imagekit.system.text import read_text, write_text

if TYPE_CHECKING:
    from imagekit.guest.protocol import Guest

TEXTS = (
    "/boot/{grub,grub2}/{grub.cfg,grubenv}",
    "/boot/extlinux/extlinux.conf",
    "/boot/{extlinux.conf,cmdline.txt,firmware/cmdline.txt}",
    "/{boot,boot/efi,efi}/loader/{loader.conf,entries/*.conf}",
    "/etc/default/{grub,grub.d/*.cfg}",
    "/etc/{kernel/cmdline,update-extlinux.conf}",
)
"""Glob patterns of every text that a kernel command line or the name of a boot entry is read from."""
ENTRY_TOKEN = "/etc/kernel/entry-token"  # noqa: S105  a path
_GRUBENV_SIZE = 1024
_OPTION = re.compile(r"(?P<gap>[ \t]?)\bsystemd\.machine_id=[0-9A-Fa-f-]{32,36}(?![0-9A-Za-z-])")


def texts(guest: Guest) -> tuple[str, ...]:
    """Return the boot texts that this guest has."""
    found = {path for pattern in TEXTS for path in guest.glob_expand(pattern) if guest.is_file(path)}
    return tuple(sorted(found))


def fixing_texts(guest: Guest) -> tuple[str, ...]:
    """Return the boot texts that give every boot one fixed machine-id."""
    return tuple(path for path in texts(guest) if _OPTION.search(read_text(guest, path)))


def without_option(text: str) -> str:
    """Return a text without ``systemd.machine_id=<an id>``; ``systemd.machine_id=firmware`` is no identity and stays."""
    return _OPTION.sub("", text)


def padded(text: str) -> str:
    """Return a GRUB environment block at its fixed size of 1024 bytes, filled up with ``#`` as grub-editenv does."""
    kept = text.rstrip("#")
    return kept + "#" * (_GRUBENV_SIZE - len(kept.encode("utf-8", "surrogateescape")))


def forget(guest: Guest, old: str | None) -> None:
    """Take the fixed id off every command line, and the old id out of the names of boot entries and their files."""
    token = _token(guest)
    named = named_by(guest, old) if old else ()
    for path in texts(guest):
        before = read_text(guest, path)
        text = without_option(before)
        if old:
            text = re.sub(rf"^machine-id[ \t]+{old}\n", "", text, flags=re.MULTILINE).replace(old, token)
        if text != before:
            write_text(guest, path, padded(text) if paths.name(path) == "grubenv" else text)
    for path in named:
        renamed = paths.join(paths.parent(path), paths.name(path).replace(str(old), token))
        guest.mv(path, renamed)
    if named and guest.exists("/usr/bin/kernel-install") and not guest.exists(ENTRY_TOKEN):
        guest.mkdir_p(paths.parent(ENTRY_TOKEN))
        guest.write(ENTRY_TOKEN, f"{token}\n")


def named_by(guest: Guest, machine_id: str) -> tuple[str, ...]:
    """Return the boot entries, kernels, rescue images and kernel folders whose name holds an id."""
    patterns = (f"/{{boot,boot/efi,efi}}/*{machine_id}*", f"/{{boot,boot/efi,efi}}/loader/entries/*{machine_id}*")
    return tuple(sorted({path for pattern in patterns for path in guest.glob_expand(pattern)}))


def _token(guest: Guest) -> str:
    facts = guest.facts
    return facts.distro if re.fullmatch(r"[a-z0-9._-]+", facts.distro) else "linux"
