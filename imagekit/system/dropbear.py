"""Dropbear in a guest: where its host keys are, and who makes them. dropbear(8).

It makes missing keys itself if it is started with ``-R``, as on Arch. Fedora has a unit for it, Alpine its init
script; on Debian keys are made when the package is configured, and by nothing at boot.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from imagekit.guest import paths
from imagekit.system.text import read_text, write_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imagekit.guest.protocol import Guest

ARGUMENTS = (("/etc/default/dropbear", "DROPBEAR_EXTRA_ARGS"), ("/etc/conf.d/dropbear", "DROPBEAR_OPTS"))
"""Where more arguments may be given, and by which variable: Debian's unit and init script, Alpine's init script."""
_KEYS = "/etc/{dropbear,dropbear/initramfs,dropbear-initramfs}/dropbear_*_host_key"
_PROGRAM = "/{usr/sbin,usr/bin,sbin,bin}/dropbear"
_STARTERS = (
    "/{{etc,usr/lib,lib}/systemd/system/dropbear*{.service,.socket,.service.d/*.conf},"
    "etc/{init.d,default,sysconfig,conf.d}/dropbear}"
)
_KEY_VARIABLE = re.compile(r"^[ \t]*DROPBEAR_\w*KEY=[\"']?(?P<path>/[^\"'\s]+)", re.MULTILINE)


def is_installed(guest: Guest) -> bool:
    """Tell whether the guest has the server."""
    return bool(guest.glob_expand(_PROGRAM))


def key_files(guest: Guest) -> tuple[str, ...]:
    """Return its host keys, those that it is started with (``-r``) and those for the initramfs among them."""
    found = set(guest.glob_expand(_KEYS))
    for line in _lines(guest):
        found |= set(re.findall(r"(?:^|[\s\"'])-r[ ]?(/[^\s\"']+)", line))
        found |= {match["path"] for match in _KEY_VARIABLE.finditer(line)}
    normal = {paths.normal(path) for path in found}
    return tuple(sorted(path for path in normal if guest.is_file(path) or guest.is_symlink(path)))


def early_keys(guest: Guest) -> tuple[str, ...]:
    """Return the host keys that dropbear-initramfs puts into the initramfs."""
    return tuple(path for path in guest.glob_expand(_KEYS) if "initramfs" in path)


def makes_keys(guest: Guest) -> bool:
    """Tell whether a start of the server makes keys that are missing."""
    return any(re.search(r"(?:^|[\s\"'=])-\w*R\b|\bdropbearkey\b|\bdropbear-keygen\b", line) for line in _lines(guest))


def _lines(guest: Guest) -> Iterator[str]:
    """Yield the lines of what starts it, comments left out."""
    for path in guest.glob_expand(_STARTERS):
        yield from (line for line in read_text(guest, path).splitlines() if not line.lstrip().startswith(("#", ";")))


def have_keys_made(guest: Guest) -> bool:
    """Have the server make missing keys itself, by its arguments; return False if what starts it reads none."""
    lines = tuple(_lines(guest))
    for path, variable in ARGUMENTS:
        if any(variable in line for line in lines):
            guest.mkdir_p(paths.parent(path))
            write_text(guest, path, with_keys_on_demand(read_text(guest, path), variable))
            return True
    return False


def with_keys_on_demand(text: str, variable: str) -> str:
    """Return a text of shell variables with ``-R`` among the arguments: make host keys as required, dropbear(8)."""
    line = rf"^{variable}=(?P<quote>[\"']?)(?P<args>[^\"'\n]*)(?P=quote)[ \t]*$"
    found = list(re.finditer(line, text, re.MULTILINE))
    if not found:
        return f'{text}{"" if text.endswith(chr(10)) or not text else chr(10)}{variable}="-R"\n'
    last = found[-1]
    if "-R" in last["args"].split():
        return text
    arguments = f"{last['args']} -R".strip()
    return f'{text[: last.start()]}{variable}="{arguments}"{text[last.end() :]}'
