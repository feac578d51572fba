"""cpio archives in the "new ASCII" format, the only one that Linux takes: buffer-format.rst (Linux), cpio(5).

Names and sizes are the guest's word: each is held to a limit before anything is read by it.
"""

from __future__ import annotations

import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING

from imagekit.system.initramfs.stream import BadArchive

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imagekit.system.initramfs.stream import Reader

_MAGICS = (b"070701", b"070702")
_HEADER = 110
_LONGEST_NAME = 4096
"""PATH_MAX of Linux, its NUL included."""
_TRAILER = "TRAILER!!!"


@dataclass(frozen=True, slots=True)
class Member:
    """One member: its name without a leading ``/`` or ``./``, its st_mode, its size in bytes, what links it shares.

    Attributes:
        inode: inode, device major and minor: the same for all names of one file.
        links: how many names the file has; cpio gives its content to the last of them alone.
    """

    name: str
    mode: int
    size: int
    inode: tuple[int, int, int]
    links: int

    @property
    def is_file(self) -> bool:
        """Whether it is a regular file."""
        return stat.S_ISREG(self.mode)


def begins(head: bytes) -> bool:
    """Tell whether these bytes begin an archive."""
    return head.startswith(_MAGICS)


def members(reader: Reader) -> Iterator[Member]:
    """Yield the members of the archive that begins here, the reader standing at the content of each.

    The caller may peek at the content, but takes nothing.

    Raises:
        BadArchive: a header is none, a name is too long, or the archive is cut.
    """
    while True:
        member = _header(reader)
        if member.name == _TRAILER and not member.size:
            return
        yield member
        reader.skip(member.size + -member.size % 4)


def _header(reader: Reader) -> Member:
    header = reader.take(_HEADER)
    if not begins(header):
        raise BadArchive("a member of its archive has no header")
    try:
        words = bytes.fromhex(header[6:].decode("ascii"))
    except ValueError as no_digits:
        raise BadArchive("the header of a member holds no hexadecimal numbers") from no_digits
    fields = [int.from_bytes(words[i : i + 4], "big") for i in range(0, len(words), 4)]
    inode, mode, _, _, links, _, size, major, minor, _, _, length, _ = fields
    if not 0 < length <= _LONGEST_NAME:
        raise BadArchive(f"the name of a member is {length} bytes long")
    name = reader.take(length)
    if not name.endswith(b"\0"):
        raise BadArchive("the name of a member has no end")
    reader.skip(-(_HEADER + length) % 4)
    text = name[:-1].decode("utf-8", "surrogateescape")
    return Member(text.removeprefix("./").lstrip("/"), mode, size, (inode, major, minor), links)
