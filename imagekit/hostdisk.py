"""The host's file systems: what must be on the disk, the error that says there is no room, and sizes in words."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from imagekit.errors import HostError

if TYPE_CHECKING:
    from pathlib import Path

_MIB = 1 << 20


def in_mib(size: int) -> str:
    """Return a size in bytes as text that a person reads: ``1536 MiB``, or bytes when it is below one MiB."""
    return f"{size / _MIB:.0f} MiB" if size >= _MIB else f"{size} bytes"


def flush(path: Path) -> None:
    """Have the kernel write a file, or the names in a folder, to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def replace_text(path: Path, text: str) -> None:
    """Write a text, as UTF-8, under a temporary name and rename it: whole, or not at all; what was there is replaced.

    Raises:
        OSError: the folder or the disk does not let it.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with temporary.open("x", encoding="utf-8") as file:
            file.write(text)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


class HostDiskFull(HostError):
    """A file system of the host has no room for what is, or is to be, written.

    Attributes:
        path: a file or folder on that file system.
        needed: bytes that the work needs; 0 if that is not known.
        free: bytes that were free; None if nobody looked.
    """

    code = "IK-HOST-011"

    def __init__(self, path: Path, needed: int = 0, free: int | None = None) -> None:
        self.path = path
        self.needed = needed
        self.free = free
        parts = [f"about {in_mib(needed)} are needed"] if needed else []
        parts += [f"{in_mib(free)} are free"] if free is not None else []
        super().__init__(
            f"the file system of {path} is full" + (f": {', '.join(parts)}" if parts else ""),
            why="nothing was published, and what was written is removed",
            fix="make room there, or take a folder on another file system with -o",
        )
