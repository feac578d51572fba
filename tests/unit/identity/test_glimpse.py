from __future__ import annotations

import pytest

from imagekit.guest.errors import VerbFailed
from imagekit.identity.catalogue import load_catalogue
from imagekit.identity.glimpse import found, glimpse, one_of
from imagekit.identity.ways import Removed, row
from imagekit.testing.memory import Link, MemoryGuest
from imagekit.testing.planted import read_planting

PASSWD = "root:x:0:0::/root:/bin/sh\nada:x:1001:1001::/srv/ada:/bin/sh\n"


class Counting(MemoryGuest):
    """A guest that counts how often a pattern is asked."""

    asked = 0

    def glob_expand(self, pattern: str) -> tuple[str, ...]:
        self.asked += 1
        return super().glob_expand(pattern)


@pytest.fixture
def guest() -> Counting:
    return Counting(
        {
            "/etc/passwd": PASSWD,
            "/etc/key": "k",
            "/etc/.hidden": "k",
            "/srv/ada/.token": "k",
            "/root/.token": "k",
            "/var/spool/a/x": "k",
            "/var/spool/a/b/x": "k",
            "/etc/dangling": Link("nowhere"),
        }
    )


ITEMS = (
    row("plain", "x", Removed(("/etc/key", "/etc/none", "/etc/dangling"))),
    row("home", "x", Removed(("~/.token",))),
    row("wild", "x", Removed(("/var/spool/*/x", "/etc/{*,.[!.]*}"))),
    row("two", "x", Removed(("/etc/key",)), Removed(("~/.token", "/var/spool/a/?"))),
)


def test_the_items_are_answered_as_the_guest_itself_would_in_one_call(guest: Counting) -> None:
    told = [item.detect(guest) for item in ITEMS]
    guest.asked = 0
    seen = glimpse(guest, ITEMS)

    assert [item.detect(seen) for item in ITEMS] == told
    assert guest.asked == 1
    assert told[0] == ("/etc/dangling", "/etc/key")
    assert told[1] == ("/root/.token", "/srv/ada/.token")
    assert told[2] == ("/etc/.hidden", "/etc/dangling", "/etc/key", "/etc/passwd", "/var/spool/a/x")


def test_what_was_not_asked_beforehand_is_asked_then(guest: Counting) -> None:
    seen = glimpse(guest, ITEMS[:1])
    guest.asked = 0

    assert found(seen, ("/var/spool/*/x",)) == ("/var/spool/a/x",)
    assert guest.asked == 1


def test_a_glimpse_is_of_one_moment(guest: Counting) -> None:
    seen = glimpse(guest, ITEMS)
    guest.rm_f("/etc/key")

    assert "/etc/key" in ITEMS[0].detect(seen)
    assert "/etc/key" not in ITEMS[0].detect(glimpse(guest, ITEMS))


def test_one_folder_that_cannot_be_told_hides_no_other(guest: Counting) -> None:
    bad = "/{var/spool/*/x,etc/*,etc/.[!.]*}"
    every = one_of(sorted({"/var/spool/*/x", "/etc/*", "/etc/.[!.]*", "/etc/key", "/etc/none", "/etc/dangling"}))
    for pattern in (bad, every):
        guest.fail("glob_expand", error=VerbFailed("glob_expand", pattern, "not UTF-8"), path=pattern)
    seen = glimpse(guest, (ITEMS[0], ITEMS[2]))

    assert ITEMS[0].detect(seen) == ("/etc/dangling", "/etc/key")
    with pytest.raises(VerbFailed):
        ITEMS[2].detect(seen)


def test_no_items_ask_nothing(guest: Counting) -> None:
    glimpse(guest, ())

    assert guest.asked == 0
    assert found(guest, ()) == ()


@pytest.mark.parametrize(
    ("patterns", "one"),
    [(("/a",), "/a"), (("/a", "/b/*"), "/{a,b/*}"), (("/{a,b}/c",), "/{a/c,b/c}"), (("/x{y}",), "/x{y}")],
)
def test_patterns_become_one_that_stands_for_all(patterns: tuple[str, ...], one: str) -> None:
    assert one_of(patterns) == one


def test_the_whole_catalogue_is_answered_as_the_guest_itself_would(debian: MemoryGuest) -> None:
    planting = read_planting()
    planting.plant(debian, planting.ids("debian"))
    seen = glimpse(debian, load_catalogue())

    assert {item.id: item.detect(seen) for item in load_catalogue()} == {
        item.id: item.detect(debian) for item in load_catalogue()
    }
