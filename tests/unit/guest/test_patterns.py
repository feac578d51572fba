from __future__ import annotations

import pytest

from imagekit.guest.errors import BadGuestPath
from imagekit.guest.patterns import expand, is_pattern
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
