"""The tree that a MemoryGuest holds: nodes, and the walks over them. No guest semantics beyond names and links."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from imagekit.guest import paths

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from imagekit.guest.protocol import Kind


@dataclass(frozen=True, slots=True)
class File:
    """A regular file: content, permission bits, numeric owner and group, extended attributes."""

    content: str | bytes = b""
    mode: int = 0o644
    uid: int = 0
    gid: int = 0
    xattrs: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Dir:
    """A directory."""

    mode: int = 0o755
    uid: int = 0
    gid: int = 0
    xattrs: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Link:
    """A symbolic link: its target as it is written, absolute or relative."""

    target: str
    uid: int = 0
    gid: int = 0


@dataclass(frozen=True, slots=True)
class Special:
    """A device, a socket or a FIFO: something that has no content to read."""

    mode: int = 0o600
    uid: int = 0
    gid: int = 0


Entry = str | bytes | File | Dir | Link | Special
"""What a MemoryGuest may be given at a path; text or bytes alone are a file of root's with mode 0644."""


@dataclass(slots=True)
class Node:
    """One inode: two names may share it, as hard links do."""

    kind: Kind
    mode: int
    uid: int = 0
    gid: int = 0
    content: bytes = b""
    target: str = ""
    xattrs: dict[str, bytes] = field(default_factory=dict)
    children: dict[str, Node] = field(default_factory=dict)


def as_bytes(content: str | bytes) -> bytes:
    """Return content as the guest stores it; text is UTF-8."""
    return content.encode() if isinstance(content, str) else content


def node_of(entry: Entry) -> Node:
    """Return the inode that an entry describes."""
    match entry:
        case str() | bytes():
            return Node("file", 0o644, content=as_bytes(entry))
        case File():
            content = as_bytes(entry.content)
            return Node("file", entry.mode, entry.uid, entry.gid, content=content, xattrs=dict(entry.xattrs))
        case Dir():
            return Node("directory", entry.mode, entry.uid, entry.gid, xattrs=dict(entry.xattrs))
        case Link():
            return Node("symlink", 0o777, entry.uid, entry.gid, target=entry.target)
        case Special():
            return Node("other", entry.mode, entry.uid, entry.gid)


class Tree:
    """A file system as nested nodes. Every path that a method takes is in normal form with its links resolved."""

    def __init__(self) -> None:
        self.root = node_of(Dir())

    def get(self, path: str) -> Node | None:
        """Return the node at a path, or None."""
        node: Node | None = self.root
        for part in paths.parts(path):
            node = node.children.get(part) if node else None
        return node

    def target(self, path: str) -> str | None:
        """Return the target of the link at a path, None for anything else: what ``paths.resolve`` asks for."""
        node = self.get(path)
        return node.target if node and node.kind == "symlink" else None

    def put(self, path: str, node: Node) -> None:
        """Put a node at a path, in place of what is there.

        Raises:
            ValueError: the parent is no directory.
        """
        if path == "/":
            self.root = node
            return
        parent = self.get(paths.parent(path))
        if parent is None or parent.kind != "directory":
            raise ValueError(f"{paths.parent(path)} is no directory")
        parent.children[paths.name(path)] = node

    def drop(self, path: str) -> None:
        """Take away what is at a path, with all below it."""
        parent = self.get(paths.parent(path))
        if parent is not None:
            parent.children.pop(paths.name(path), None)

    def walk(self, path: str) -> Iterator[tuple[str, Node]]:
        """Yield all that is below a path, each directory before what it holds."""
        node = self.get(path)
        for name, child in sorted(node.children.items() if node else ()):
            here = paths.join(path, name)
            yield here, child
            yield from self.walk(here)

    def copied(self, path: str) -> Node:
        """Return a copy of what is at a path, with all below it."""
        node = self.get(path)
        if node is None:
            raise KeyError(path)
        return copy.deepcopy(node)
