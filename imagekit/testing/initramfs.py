"""Small initramfs images for tests: cpio archives in the format that Linux takes, as bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_FILE = 0o100644
_TRAILER = "TRAILER!!!"


def pack_member(name: str, content: bytes = b"", *, mode: int = _FILE, inode: int = 1, links: int = 1) -> bytes:
    """Return one member: header, name, content, each padded to four bytes (buffer-format.rst, Linux)."""
    encoded = name.encode() + b"\0"
    fields = (inode, mode, 0, 0, links, 0, len(content), 0, 0, 0, 0, len(encoded), 0)
    head = b"070701" + "".join(f"{field:08x}" for field in fields).encode() + encoded
    return head + bytes(-len(head) % 4) + content + bytes(-len(content) % 4)


def pack_initramfs(files: Mapping[str, bytes | str]) -> bytes:
    """Return an archive of regular files: path without a leading slash -> content."""
    encoded = {name: content.encode() if isinstance(content, str) else content for name, content in files.items()}
    packed = b"".join(pack_member(name, content, inode=i) for i, (name, content) in enumerate(encoded.items(), 1))
    return packed + pack_member(_TRAILER, mode=0)
