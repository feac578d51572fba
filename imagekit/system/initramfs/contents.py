"""What is inside an initramfs: the names of its files, its modules, and the bytes of files that are asked for.

An image is one or more archives behind each other, each plain or compressed, padded with zeros: what goes first is
processor microcode or, on Ubuntu, everything that would not get smaller (buffer-format.rst, Linux).
"""

from __future__ import annotations

import fnmatch
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from imagekit.errors import ImageError
from imagekit.system.initramfs import cpio, kmod
from imagekit.system.initramfs.compression import LONGEST_MAGIC, compression_of, expand
from imagekit.system.initramfs.stream import BadArchive, Reader

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from imagekit.guest.protocol import Guest

_PIECE = 1 << 20


class InitramfsUnreadable(ImageError):
    """An initramfs is damaged, or larger than any that is good."""

    code = "IK-IRF-001"

    def __init__(self, path: str, reason: str) -> None:
        self.path = path
        self.reason = reason
        super().__init__(f"the initramfs {path} cannot be read: {reason}", fix="rebuild it in the guest and try again")


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of an initramfs is read before it is called a bomb.

    Attributes:
        stored: bytes of the image file.
        expanded: bytes of one stream, decompressed.
        members: members of all its archives together.
        kept: bytes of one file whose content is asked for.
    """

    stored: int = 1 << 30
    expanded: int = 1 << 30
    members: int = 200_000
    kept: int = 1 << 20


@dataclass(frozen=True, slots=True)
class Contents:
    """What an initramfs holds.

    Attributes:
        names: the paths of all members, without a leading slash.
        files: the content of the regular files that were asked for, by path.
    """

    names: frozenset[str]
    files: Mapping[str, bytes]

    @property
    def modules(self) -> frozenset[str]:
        """The kernel modules, by their names with ``_`` for ``-``."""
        return frozenset(filter(None, map(kmod.module_of, self.names)))


def contents_of(guest: Guest, path: str, wanted: Collection[str] = ()) -> Contents:
    """Read an initramfs of the guest.

    Args:
        guest: where it is.
        path: its guest path, links followed.
        wanted: shell patterns of the files whose content is returned, ``etc/machine-id`` for example.

    Raises:
        InitramfsUnreadable: it is damaged, cut, or beyond the limits.
        GuestError: there is no such file.
    """
    try:
        return read_contents(_pieces(guest, path), wanted)
    except BadArchive as bad:
        raise InitramfsUnreadable(path, str(bad)) from bad


def _pieces(guest: Guest, path: str) -> Iterator[bytes]:
    offset = 0
    while piece := guest.pread(path, _PIECE, offset):
        yield piece
        offset += len(piece)


def read_contents(pieces: Iterator[bytes], wanted: Collection[str] = (), limits: Limits | None = None) -> Contents:
    """Read an initramfs from its bytes, which come in pieces of any size.

    Raises:
        BadArchive: it is damaged, cut, or beyond the limits.
    """
    limits = limits or Limits()
    listing = _Listing(re.compile("|".join(map(fnmatch.translate, wanted)) or r"(?!)"), limits)
    raw = Reader(pieces, limits.stored)
    raw.skip_zeros()
    while head := raw.peek(LONGEST_MAGIC):
        if cpio.begins(head):
            listing.add(raw)
        elif compression := compression_of(head):
            _read_plain(Reader(expand(raw, compression), limits.expanded), listing)
        else:
            raise BadArchive("it holds something that is no archive, or compressed in an unknown way")
        raw.skip_zeros()
    if not listing.names:
        raise BadArchive("it is empty")
    return Contents(frozenset(listing.names), listing.files)


def _read_plain(reader: Reader, listing: _Listing) -> None:
    """Read archives behind each other, up to the end of the stream."""
    reader.skip_zeros()
    while head := reader.peek(LONGEST_MAGIC):
        if not cpio.begins(head):
            raise BadArchive("its compressed part holds something that is no archive")
        listing.add(reader)
        reader.skip_zeros()


@dataclass(slots=True)
class _Listing:
    """What was seen of an initramfs so far; a later member of the same name replaces an earlier one, as in Linux."""

    wanted: re.Pattern[str]
    limits: Limits
    names: set[str] = field(default_factory=set)
    files: dict[str, bytes] = field(default_factory=dict)
    count: int = 0

    def add(self, reader: Reader) -> None:
        """Read one archive."""
        linked: dict[tuple[int, int, int], list[str]] = {}
        for member in cpio.members(reader):
            self.count += 1
            if self.count > self.limits.members:
                raise BadArchive(f"it has more than {self.limits.members} members")
            self.names.add(member.name)
            if not member.is_file:
                continue
            names = linked.setdefault(member.inode, []) if member.links > 1 else []
            if self.wanted.match(member.name):
                names.append(member.name)
            if names and (member.size or member.links == 1):
                self._keep(names, member, reader)

    def _keep(self, names: list[str], member: cpio.Member, reader: Reader) -> None:
        if member.size > self.limits.kept:
            raise BadArchive(f"its {member.name} is larger than {self.limits.kept >> 10} KiB")
        self.files |= dict.fromkeys(names, reader.peek(member.size))
