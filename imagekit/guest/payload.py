"""What a host file or a tar of the host is about to put into a guest."""

from __future__ import annotations

import hashlib
import tarfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

from imagekit.guest.errors import VerbFailed
from imagekit.guest.observe import Content, small_text

if TYPE_CHECKING:
    from pathlib import Path
    from typing import IO

_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Member:
    """A member of a tar: its name, and its content if it is a regular file of its own."""

    name: str
    is_directory: bool
    content: Content | None


def of_file(path: Path) -> Content:
    """Return what there is to know of a host file's content, of any size."""
    with path.open("rb") as opened:
        return _content(opened)


def of_tar(path: Path) -> tuple[Member, ...]:
    """Return the members of an uncompressed tar, in its order.

    Raises:
        VerbFailed: it cannot be read, or a member's name holds ``..``.
    """
    members: list[Member] = []
    try:
        with tarfile.open(path, "r:") as archive:
            for member in archive:
                if ".." in member.name.split("/"):
                    raise VerbFailed("tar_in", member.name, "the name of a member holds '..'")
                opened = archive.extractfile(member) if member.isreg() else None
                members.append(Member(member.name, member.isdir(), _content(opened) if opened else None))
    except tarfile.TarError as broken:
        raise VerbFailed("tar_in", str(path), f"the archive cannot be read: {broken}") from broken
    return tuple(members)


def _content(opened: IO[bytes]) -> Content:
    digest, size, start = hashlib.sha256(), 0, b""
    while chunk := opened.read(_CHUNK):
        digest.update(chunk)
        start = start or chunk
        size += len(chunk)
    return Content(size, digest.hexdigest(), small_text(start) if size == len(start) else None)
