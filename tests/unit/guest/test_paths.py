from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from imagekit.guest import paths
from imagekit.guest.errors import BadGuestPath

SEGMENTS = st.sampled_from(["a", "b", "..", ".", "", "loop", "up", "abs", "rel"])
PATHS = st.lists(SEGMENTS, max_size=8).map(lambda names: "/" + "/".join(names))
LINKS = {"/loop": "loop", "/up": "../../..", "/abs": "/a/b", "/rel": "a/abs", "/a/b/rel": "../../b"}


@pytest.mark.parametrize("path", ["", "etc", "./etc", "/a\0b", "/\ud800", b"/etc", None, 5])
def test_what_is_no_guest_path_is_refused(path: object) -> None:
    with pytest.raises(BadGuestPath) as caught:
        paths.validate(path)

    assert caught.value.path == path


def test_a_guest_path_is_returned_as_it_is() -> None:
    assert paths.validate("//a/../b/") == "//a/../b/"


@pytest.mark.parametrize(
    ("path", "normal"),
    [
        ("/", "/"),
        ("//", "/"),
        ("//a///b/", "/a/b"),
        ("/./a/./b/.", "/a/b"),
        ("/../../a", "/a"),
        ("/./../a", "/a"),
        ("/a/../b", "/a/../b"),
        ("/...", "/..."),
    ],
)
def test_dots_are_removed_only_where_no_link_can_stand(path: str, normal: str) -> None:
    assert paths.normal(path) == normal


@given(PATHS)
def test_a_normal_form_is_its_own(path: str) -> None:
    assert paths.normal(paths.normal(path)) == paths.normal(path)


def test_names_are_joined_below_the_directory() -> None:
    assert paths.join("/etc", "ssh", "sshd_config") == "/etc/ssh/sshd_config"
    assert paths.join("/etc/", "/ssh/") == "/etc/ssh"
    assert paths.join("/") == "/"
    with pytest.raises(BadGuestPath):
        paths.join("etc", "ssh")


@pytest.mark.parametrize(
    ("path", "parent", "name"),
    [("/", "/", ""), ("/a", "/", "a"), ("/a/b/", "/a", "b"), ("/a/..", "/a", "..")],
)
def test_a_path_has_a_parent_and_a_name(path: str, parent: str, name: str) -> None:
    assert (paths.parent(path), paths.name(path)) == (parent, name)


@pytest.mark.parametrize(
    ("path", "directory", "below"),
    [("/a/b", "/a", True), ("/a", "/", True), ("/a", "/a", False), ("/ab", "/a", False), ("/", "/", False)],
)
def test_below_goes_by_whole_names(path: str, directory: str, below: bool) -> None:
    assert paths.is_below(path, directory) is below


@pytest.mark.parametrize(
    ("path", "followed", "kept"),
    [
        ("/a/b", "/a/b", "/a/b"),
        ("/abs", "/a/b", "/abs"),
        ("/abs/x", "/a/b/x", "/a/b/x"),
        ("/up/etc", "/etc", "/etc"),
        ("/abs/../x", "/a/x", "/a/x"),
        ("/a/b/rel/x", "/b/x", "/b/x"),
        ("/a/b/rel", "/b", "/a/b/rel"),
        ("/..", "/", "/"),
        ("/abs/..", "/a", "/a"),
        ("/nothing/../x", "/x", "/x"),
    ],
)
def test_links_are_resolved_inside_the_guest(path: str, followed: str, kept: str) -> None:
    assert paths.resolve(path, LINKS.get, follow_last=True) == followed
    assert paths.resolve(path, LINKS.get, follow_last=False) == kept


def test_a_loop_ends_as_in_linux() -> None:
    with pytest.raises(paths.LinkLoop) as caught:
        paths.resolve("/loop/x", LINKS.get, follow_last=False)

    assert caught.value.path == "/loop/x"
    assert paths.resolve("/loop", LINKS.get, follow_last=False) == "/loop"


def test_forty_links_are_followed_and_no_more() -> None:
    chain = {f"/{i}": f"{i + 1}" for i in range(41)}

    assert paths.resolve("/1", chain.get, follow_last=True) == "/41"
    with pytest.raises(paths.LinkLoop):
        paths.resolve("/0", chain.get, follow_last=True)


@given(PATHS, st.dictionaries(PATHS, st.lists(SEGMENTS, min_size=1, max_size=4).map("/".join), max_size=5))
def test_no_link_leads_out_of_the_guest(path: str, links: dict[str, str]) -> None:
    try:
        resolved = paths.resolve(path, links.get, follow_last=True)
    except paths.LinkLoop:
        return

    assert resolved == paths.normal(resolved)
    assert ".." not in resolved.split("/")


@given(PATHS)
def test_no_link_is_left_in_a_resolved_path(path: str) -> None:
    try:
        resolved = paths.resolve(path, LINKS.get, follow_last=True)
    except paths.LinkLoop:
        return

    assert paths.resolve(resolved, LINKS.get, follow_last=True) == resolved
