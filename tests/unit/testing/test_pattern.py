from __future__ import annotations

import pytest

from imagekit.testing.pattern import brace_expand, name_matches


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
