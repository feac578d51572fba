from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from imagekit.engine.caching import CacheEntry, CacheReport, CacheUnusable

if TYPE_CHECKING:
    from collections.abc import Callable

CACHE = "imagekit.engine.caching.cache"
ENTRY = CacheEntry(
    kind="saved appliance", name="key", detail="TCG, 1024 MiB", size=2048, used=datetime(2026, 1, 2, tzinfo=UTC)
)
KEPT = CacheReport(folder="/c", entries=(ENTRY,))
REMOVED = CacheReport(folder="/c", entries=(), removed=(ENTRY,))


@pytest.mark.parametrize("words", [(), ("show",)])
def test_without_an_action_it_shows(run: Callable[..., Any], engine: Callable[..., Any], words: tuple[str]) -> None:
    fake = engine(CACHE, KEPT)

    ran = run("cache", *words)

    assert (ran.status, ran.err) == (0, "")
    assert fake.args == ("show",)
    assert ran.out.splitlines()[-1] == "1 thing, 2.0 KiB in /c"
    assert "TCG, 1024 MiB" in ran.out


@pytest.mark.parametrize("action", ["prune", "clear"])
def test_an_action_reaches_the_engine_and_what_it_removed_is_told(
    run: Callable[..., Any], engine: Callable[..., Any], action: str
) -> None:
    fake = engine(CACHE, REMOVED)

    ran = run("cache", action)

    assert ran.status == 0
    assert fake.args == (action,)
    assert ran.out.startswith("removed  saved appliance")


def test_with_json_the_report_is_one_document(run: Callable[..., Any], engine: Callable[..., Any]) -> None:
    engine(CACHE, REMOVED)

    assert CacheReport.model_validate(json.loads(run("cache", "clear", "--json").out)) == REMOVED


def test_another_action_is_wrong_usage_and_nothing_is_done(run: Callable[..., Any], engine: Callable[..., Any]) -> None:
    fake = engine(CACHE, KEPT)

    ran = run("cache", "clean")

    assert ran.status == 2
    assert "clean" in ran.err
    assert fake.args == ()


def test_a_cache_that_cannot_be_changed_is_the_hosts_matter(
    run: Callable[..., Any], engine: Callable[..., Any]
) -> None:
    engine(CACHE, CacheUnusable(Path("/c"), "Read-only file system"))

    ran = run("cache", "clear")

    assert ran.status == 3
    assert "cannot change the cache in /c: Read-only file system" in ran.err


def test_on_a_real_cache_it_shows_what_is_there(
    run: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    (tmp_path / "imagekit").mkdir()
    (tmp_path / "imagekit" / "kvm-1.json").write_text('{"accelerator": "tcg", "kernel": "6.1"}')

    assert "TCG for kernel 6.1" in run("cache").out
    assert run("cache", "clear").out.splitlines()[-1] == f"0 things, 0 B in {tmp_path}/imagekit"
