from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from imagekit.engine.caching import CacheEntry, CacheReport
from imagekit_cli.render.cache import cache_lines

if TYPE_CHECKING:
    from collections.abc import Iterator


def entry(name: str = "key", **fields: Any) -> CacheEntry:
    usual = {
        "kind": "saved appliance",
        "detail": "TCG, 1024 MiB",
        "size": 160 << 20,
        "used": datetime(2026, 1, 2, 13, 30, tzinfo=UTC),
    }
    return CacheEntry(name=name, **{**usual, **fields})


GOOD = entry()
BAD = entry(broken="state was changed since it was written")
VERDICT = entry("kvm-1.json", kind="verdict on KVM", detail="TCG for kernel 6.1", size=4096)


@pytest.fixture
def _an_hour_ahead(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Have the host's clock run an hour ahead of UTC."""
    with monkeypatch.context() as patched:
        patched.setenv("TZ", "CET-1")
        time.tzset()
        yield
    time.tzset()


def told(**report: Any) -> list[tuple[str, str]]:
    return [(line.text, line.style) for line in cache_lines(CacheReport(folder="/c", **{"entries": (), **report}))]


@pytest.mark.usefixtures("_an_hour_ahead")
def test_what_is_kept_is_a_line_with_its_size_and_its_last_use_on_the_users_clock() -> None:
    assert told(entries=(GOOD, VERDICT))[:2] == [
        ("kept     saved appliance  160.0 MiB  2026-01-02 14:30  TCG, 1024 MiB", ""),
        ("kept     verdict on KVM     4.0 KiB  2026-01-02 14:30  TCG for kernel 6.1", ""),
    ]


def test_what_is_broken_says_why_and_stands_out() -> None:
    ((text, style), _) = told(entries=(BAD,))

    assert text.startswith("broken   saved appliance")
    assert text.endswith("  state was changed since it was written")
    assert style == "bad"


def test_what_was_removed_comes_first() -> None:
    lines = told(entries=(GOOD,), removed=(BAD, VERDICT))

    assert [(text.split()[0], style) for text, style in lines[:3]] == [
        ("removed", "changed"),
        ("removed", "changed"),
        ("kept", ""),
    ]


@pytest.mark.parametrize(
    ("entries", "text"),
    [
        ((), "0 things, 0 B in /c"),
        ((VERDICT,), "1 thing, 4.0 KiB in /c"),
        ((GOOD, BAD), "2 things, 320.0 MiB in /c"),
    ],
)
def test_the_last_line_is_the_sum_of_what_is_kept(entries: tuple[CacheEntry, ...], text: str) -> None:
    assert told(entries=entries, removed=(BAD,))[-1] == (text, "head")
