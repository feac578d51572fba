from __future__ import annotations

import pytest

from imagekit.guest.errors import BadGuestPath
from imagekit.guest.patterns import brace_expand, expand, is_pattern, name_matches, path_matches
from imagekit.testing.memory import Link, MemoryGuest


class Globbing(MemoryGuest):
    """A guest whose glob finds . and .. too, as that of glibc does."""

    def glob_expand(self, pattern: str) -> tuple[str, ...]:
        self.asked = pattern
        return ("/srv/.", "/srv/..", "/srv/../etc", "/srv/.hidden")


@pytest.fixture
def guest() -> MemoryGuest:
    return MemoryGuest({"/srv/a": "", "/srv/b": "", "/srv/.c": "", "/srv/dangling": Link("nowhere")})


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("/srv/*", ("/srv/a", "/srv/b", "/srv/dangling")),
        ("/srv/.*", ("/srv/.c",)),
        ("/srv/[!a]", ("/srv/b",)),
        ("/srv/{a,b}", ("/srv/a", "/srv/b")),
        ("/srv/?x", ()),
        ("/none/*", ()),
        ("/srv/a", ("/srv/a",)),
        ("/srv//a/", ("/srv/a",)),
        ("/srv/dangling", ("/srv/dangling",)),
        ("/srv/none", ()),
        ("/srv/a/below-a-file", ()),
    ],
)
def test_a_pattern_stands_for_what_is_there(guest: MemoryGuest, pattern: str, found: tuple[str, ...]) -> None:
    assert expand(guest, pattern) == found


def test_the_folder_itself_and_the_one_above_are_never_meant() -> None:
    assert expand(Globbing({"/srv/.hidden": ""}), "/srv/.*") == ("/srv/.hidden",)


def test_what_is_no_guest_path_is_refused(guest: MemoryGuest) -> None:
    with pytest.raises(BadGuestPath):
        expand(guest, "srv/*")


def test_a_path_without_wildcards_is_no_pattern() -> None:
    assert [is_pattern(path) for path in ("/a", "/a*", "/a?", "/[a]", "/{a,b}")] == [False, True, True, True, True]


@pytest.mark.parametrize(
    ("pattern", "expanded"),
    [
        ("abc", ("abc",)),
        ("a{b,c}d", ("abd", "acd")),
        ("{a,b}{1,2}", ("a1", "a2", "b1", "b2")),
        ("{a,b{1,2}}", ("a", "b1", "b2")),
        ("a{,b}", ("a", "ab")),
        ("a{b}", ("a{b}",)),
        ("a{b", ("a{b",)),
        ("a}b,c", ("a}b,c",)),
    ],
)
def test_braces_stand_for_each_of_their_words(pattern: str, expanded: tuple[str, ...]) -> None:
    assert brace_expand(pattern) == expanded


@pytest.mark.parametrize(
    ("pattern", "name", "matches"),
    [
        ("*", "a", True),
        ("*", ".a", False),
        (".*", ".a", True),
        ("?a", ".a", False),
        ("a*c", "abbc", True),
        ("a*c", "a\nc", True),
        ("a?c", "ac", False),
        ("[ab]", "b", True),
        ("[!ab]", "b", False),
        ("[^ab]", "c", True),
        ("[a-c]x", "bx", True),
        ("[]a]", "]", True),
        ("[", "[", True),
        ("a.c", "abc", False),
        ("a\\*", "a*", True),
        ("a\\*", "ab", False),
        ("A", "a", False),
    ],
)
def test_a_name_matches_a_pattern_as_in_a_shell(pattern: str, name: str, matches: bool) -> None:
    assert name_matches(pattern, name) is matches


@pytest.mark.parametrize(
    ("pattern", "path", "matches"),
    [
        ("/etc/*", "/etc/a", True),
        ("/etc/*", "/etc/a/b", False),
        ("/etc/*/b", "/etc/a/b", True),
        ("/etc/*", "/etc/.a", False),
        ("/etc/a", "/etc/a", True),
    ],
)
def test_a_star_stands_for_no_slash(pattern: str, path: str, matches: bool) -> None:
    assert path_matches(pattern, path) is matches
