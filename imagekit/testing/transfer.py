"""What mv(1) and cp(1) do to a memory guest's tree, once both ends are resolved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagekit.guest import paths
from imagekit.guest.errors import VerbFailed, WrongKind

if TYPE_CHECKING:
    from imagekit.testing.tree import Node, Tree


def move(tree: Tree, src: str, dest: str) -> None:
    """Rename ``src`` to ``dest``; a file or an empty directory of that name is replaced, as rename(2) does.

    Raises:
        WrongKind: one is a directory and the other is not.
        VerbFailed: both are the same, one lies in the other, or the directory of that name is not empty.
    """
    node, there = tree.get(src), tree.get(dest)
    if node is None:
        raise KeyError(src)
    _refuse_overlap("mv", src, dest)
    _refuse_other_kind("mv", node, there, dest)
    if there and there.children:
        raise VerbFailed("mv", dest, "directory not empty")
    tree.drop(src)
    tree.put(dest, node)


def copy(tree: Tree, src: str, dest: str) -> None:
    """Copy ``src`` to ``dest`` with modes, owners, attributes and links kept.

    A file is written through a link of that name, as open(2) does; directories of that name are merged into.

    Raises:
        WrongKind: one is a directory and the other is not.
        VerbFailed: both are the same, one lies in the other, or ``dest`` is a dangling link.
    """
    _refuse_overlap("cp_a", src, dest)
    _merge(tree, tree.copied(src), dest)


def _merge(tree: Tree, node: Node, dest: str) -> None:
    there = tree.get(dest)
    if there and there.kind == "symlink" and node.kind == "file":
        dest = paths.resolve(dest, tree.target, follow_last=True)
        there = tree.get(dest)
        if there is None:
            raise VerbFailed("cp_a", dest, "a dangling link is not written through")
    _refuse_other_kind("cp_a", node, there, dest)
    children = dict(node.children)
    if there and there.kind == "directory":
        node.children = there.children
    elif children:
        node.children = {}
    tree.put(dest, node)
    for name, child in children.items():
        _merge(tree, child, paths.join(dest, name))


def _refuse_overlap(verb: str, src: str, dest: str) -> None:
    if src == dest:
        raise VerbFailed(verb, src, "source and destination are the same file")
    if paths.is_below(dest, src):
        raise VerbFailed(verb, src, f"cannot go below itself, into {dest}")


def _refuse_other_kind(verb: str, node: Node, there: Node | None, dest: str) -> None:
    if there and (there.kind == "directory") != (node.kind == "directory"):
        raise WrongKind(verb, dest, "directory" if node.kind == "directory" else "file")
