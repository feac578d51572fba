"""A memory guest's tree as a tar file, and a tar file unpacked into it."""

from __future__ import annotations

import io
import tarfile
from typing import TYPE_CHECKING

from imagekit.guest import paths
from imagekit.guest.errors import NoSuchFile, VerbFailed
from imagekit.testing.tree import Dir, Node, node_of

if TYPE_CHECKING:
    from pathlib import Path

    from imagekit.testing.tree import Tree

_XATTR = "SCHILY.xattr."


def unpack(tree: Tree, source: Path, directory: str) -> None:
    """Unpack a tar below a directory, as GNU tar does for root: owners and modes kept, files replaced.

    Raises:
        VerbFailed: the archive cannot be read, or a member's name holds ``..``.
    """
    try:
        with tarfile.open(source, "r:") as archive:
            for member in archive:
                if ".." in member.name.split("/"):
                    raise VerbFailed("tar_in", member.name, "the name of a member holds '..'")
                _unpack_member(tree, archive, member, directory)
    except tarfile.TarError as broken:
        raise VerbFailed("tar_in", directory, f"the archive cannot be read: {broken}") from broken


def _unpack_member(tree: Tree, archive: tarfile.TarFile, member: tarfile.TarInfo, directory: str) -> None:
    where = paths.resolve(paths.join(directory, member.name), tree.target, follow_last=False)
    _make_parents(tree, where)
    there = tree.get(where)
    node = _node_of_member(tree, archive, member, directory)
    if there and there.kind == "directory":
        if node.kind != "directory":
            raise VerbFailed("tar_in", where, "a directory is there")
        node.children = there.children
    tree.put(where, node)


def _make_parents(tree: Tree, path: str) -> None:
    parent = paths.parent(path)
    if tree.get(parent) is None:
        _make_parents(tree, parent)
        tree.put(parent, node_of(Dir()))


def _node_of_member(tree: Tree, archive: tarfile.TarFile, member: tarfile.TarInfo, directory: str) -> Node:
    owner = (member.mode & 0o7777, member.uid, member.gid)
    if member.isdir():
        return Node("directory", *owner)
    if member.issym():
        return Node("symlink", 0o777, member.uid, member.gid, target=member.linkname)
    if member.islnk():
        original = tree.get(paths.join(directory, member.linkname))
        if original is None:
            raise NoSuchFile("tar_in", paths.join(directory, member.linkname))
        return original
    if member.isreg():
        opened = archive.extractfile(member)
        return Node("file", *owner, content=opened.read() if opened else b"")
    return Node("other", *owner)


def pack(tree: Tree, destination: Path) -> None:
    """Write the whole tree as a tar (pax, numeric owners, times zero, extended attributes as GNU tar stores them).

    What is neither file, directory nor link becomes a FIFO: a memory guest does not know which it was.
    """
    with tarfile.open(destination, "w", format=tarfile.PAX_FORMAT) as archive:
        for path, node in [("/", tree.root), *tree.walk("/")]:
            archive.addfile(_member_of(path, node), io.BytesIO(node.content))


def _member_of(path: str, node: Node) -> tarfile.TarInfo:
    types = {
        "file": tarfile.REGTYPE,
        "directory": tarfile.DIRTYPE,
        "symlink": tarfile.SYMTYPE,
        "other": tarfile.FIFOTYPE,
    }
    member = tarfile.TarInfo("." + path if path != "/" else ".")
    member.type = types[node.kind]
    member.mode, member.uid, member.gid = node.mode, node.uid, node.gid
    member.size = len(node.content) if node.kind == "file" else 0
    member.linkname = node.target
    member.pax_headers = {
        _XATTR + name: value.decode("utf-8", "surrogateescape") for name, value in node.xattrs.items()
    }
    return member
