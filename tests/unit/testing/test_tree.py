from __future__ import annotations

import pytest

from imagekit.testing.tree import Dir, File, Link, Special, Tree, as_bytes, node_of


def test_each_entry_becomes_a_node() -> None:
    assert node_of("é").content == "é".encode()
    assert (node_of(b"\xff").kind, node_of(b"\xff").mode) == ("file", 0o644)
    assert (node_of(File("x", 0o600, 1, 2)).mode, node_of(File("x", uid=1, gid=2)).gid) == (0o600, 2)
    assert (node_of(Dir(0o700)).kind, node_of(Dir(0o700)).mode) == ("directory", 0o700)
    assert (node_of(Link("x")).kind, node_of(Link("x")).target) == ("symlink", "x")
    assert node_of(Special()).kind == "other"
    assert as_bytes("x") == as_bytes(b"x")


def test_what_was_put_is_got_and_dropped() -> None:
    tree = Tree()
    tree.put("/a", node_of(Dir()))
    tree.put("/a/b", node_of("x"))
    found = tree.get("/a/b")
    tree.drop("/a")
    tree.drop("/a/b")

    assert found is not None
    assert found.content == b"x"
    assert tree.get("/a/b") is None
    assert tree.get("/") is tree.root


@pytest.mark.parametrize("path", ["/nothing/x", "/file/x", "/link/x"])
def test_nothing_is_put_below_what_is_no_directory(path: str) -> None:
    tree = Tree()
    tree.put("/file", node_of(""))
    tree.put("/link", node_of(Link("/")))

    with pytest.raises(ValueError, match="no directory"):
        tree.put(path, node_of(""))


def test_a_walk_yields_each_directory_before_what_it_holds() -> None:
    tree = Tree()
    for path in ("/b", "/b/z", "/a"):
        tree.put(path, node_of(Dir()))
    tree.put("/b/link", node_of(Link("/a")))

    assert [path for path, _ in tree.walk("/")] == ["/a", "/b", "/b/link", "/b/z"]
    assert [path for path, _ in tree.walk("/b")] == ["/b/link", "/b/z"]


def test_a_copy_shares_nothing() -> None:
    tree = Tree()
    tree.put("/a", node_of(Dir()))
    tree.put("/a/b", node_of("x"))
    tree.put("/c", tree.copied("/a"))
    copied, original = tree.get("/c/b"), tree.get("/a/b")

    assert copied is not None
    assert copied == original
    assert copied is not original
    with pytest.raises(KeyError):
        tree.copied("/nothing")


def test_only_a_link_has_a_target() -> None:
    tree = Tree()
    tree.put("/link", node_of(Link("x")))
    tree.put("/file", node_of("x"))

    assert tree.target("/link") == "x"
    assert tree.target("/file") is None
    assert tree.target("/nothing") is None
