from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from imagekit.guest.errors import VerbFailed, WrongKind
from imagekit.testing import transfer
from imagekit.testing.memory import Dir, Link, MemoryGuest

if TYPE_CHECKING:
    from imagekit.testing.tree import Tree


@pytest.fixture
def tree() -> Tree:
    return MemoryGuest(
        {"/d/x": "x", "/full/y": "y", "/empty": Dir(), "/file": "old", "/link": Link("file"), "/dangling": Link("none")}
    ).tree


def content(tree: Tree, path: str) -> bytes:
    node = tree.get(path)
    assert node is not None
    return node.content


def test_a_directory_replaces_an_empty_one_alone(tree: Tree) -> None:
    with pytest.raises(VerbFailed, match="not empty"):
        transfer.move(tree, "/d", "/full")
    transfer.move(tree, "/d", "/empty")

    assert content(tree, "/empty/x") == b"x"
    assert tree.get("/d") is None


@pytest.mark.parametrize("act", [transfer.move, transfer.copy])
def test_a_directory_and_a_file_do_not_replace_each_other(tree: Tree, act: object) -> None:
    assert callable(act)
    with pytest.raises(WrongKind):
        act(tree, "/d", "/file")
    with pytest.raises(WrongKind):
        act(tree, "/file", "/empty")


@pytest.mark.parametrize("act", [transfer.move, transfer.copy])
def test_nothing_goes_into_itself(tree: Tree, act: object) -> None:
    assert callable(act)
    with pytest.raises(VerbFailed, match="below itself"):
        act(tree, "/d", "/d/e")
    with pytest.raises(VerbFailed, match="same file"):
        act(tree, "/d", "/d")


def test_a_copy_is_merged_and_written_through_links(tree: Tree) -> None:
    transfer.copy(tree, "/d", "/full")
    transfer.copy(tree, "/d/x", "/link")

    assert content(tree, "/full/x") == b"x"
    assert content(tree, "/full/y") == b"y"
    assert content(tree, "/file") == b"x"
    assert tree.target("/link") == "file"


def test_a_dangling_link_is_not_written_through(tree: Tree) -> None:
    with pytest.raises(VerbFailed, match="dangling"):
        transfer.copy(tree, "/file", "/dangling")


def test_a_copied_link_replaces_a_link(tree: Tree) -> None:
    transfer.copy(tree, "/dangling", "/link")

    assert tree.target("/link") == "none"
    assert content(tree, "/file") == b"old"
