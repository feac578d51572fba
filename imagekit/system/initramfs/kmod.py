"""Kernel modules: their names, which a kernel has as files, and which are built in (modprobe(8), depmod(8))."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from imagekit.system.text import read_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from imagekit.guest.protocol import Guest

_FILE = re.compile(r"(?:.*/)?(?P<name>[^/]+)\.ko(?:\.xz|\.zst|\.gz)?")
NAME = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$"
"""What a module's name looks like."""


def normal(name: str) -> str:
    """Return a module's name as the kernel writes it: ``-`` and ``_`` mean the same."""
    return name.replace("-", "_")


def module_of(path: str) -> str | None:
    """Return the normal name of the module that a file is; None if it is none."""
    match = _FILE.fullmatch(path)
    return normal(match["name"]) if match else None


def _directory(guest: Guest, kernel: str) -> str:
    """Return where a kernel's modules are; /lib is a link to /usr/lib on most systems, and a folder on Alpine."""
    merged = f"/usr/lib/modules/{kernel}"
    return merged if guest.is_dir(merged, followsymlinks=True) else f"/lib/modules/{kernel}"


def files_of(guest: Guest, kernel: str) -> dict[str, str]:
    """Return the module files of a kernel by normal name, relative to its folder, as depmod listed them."""
    text = read_text(guest, f"{_directory(guest, kernel)}/modules.dep")
    listed = (line.partition(":")[0].strip() for line in text.splitlines())
    return {name: path for path in listed if (name := module_of(path))}


def built_in(guest: Guest, kernel: str) -> frozenset[str]:
    """Return the normal names of the modules that are part of the kernel itself."""
    text = read_text(guest, f"{_directory(guest, kernel)}/modules.builtin")
    return frozenset(filter(None, map(module_of, text.split())))


def missing(wanted: Iterable[str], present: Iterable[str]) -> tuple[str, ...]:
    """Return those of the names that are not present, each once, in their order and as they were given."""
    there = {normal(name) for name in present}
    return tuple(name for name in dict.fromkeys(wanted) if normal(name) not in there)


def unavailable(guest: Guest, kernel: str, wanted: Iterable[str]) -> tuple[str, ...]:
    """Return those of the modules that a kernel has neither as a file nor built in."""
    return missing(wanted, files_of(guest, kernel).keys() | built_in(guest, kernel))
