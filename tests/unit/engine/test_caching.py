from __future__ import annotations

import os
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from pydantic import ValidationError

from imagekit.appliance.accel import Host, Verdicts
from imagekit.appliance.shim import ROOT, STATE
from imagekit.appliance.states import RecordingBusy, States
from imagekit.engine import caching
from imagekit.engine.caching import CacheReport, CacheUnusable, cache

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SOON = 20
HOST = Host("machine", "/usr/bin/qemu:1:2", "6.1.0-1-amd64")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's cache folder, which is not there yet."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "imagekit"


@pytest.fixture
def save(folder: Path) -> Callable[..., Path]:
    """``save("key", used=5)``: keep an appliance, and return its folder."""

    def make(key: str, used: float | None = None) -> Path:
        states = States(folder / "warm")
        with states.writing(SOON), states.fresh() as made:
            (made / STATE).write_bytes(bytes(10_000))
            (made / ROOT).write_bytes(b"root")
            states.publish(made, key, "TCG, 1024 MiB")
        if used is not None:
            os.utime(states[key], (used, used))
        return states[key]

    return make


@pytest.fixture
def full(folder: Path, save: Callable[..., Path]) -> Path:
    """A cache that holds one thing of each kind; a file that is none of them; and a broken appliance."""
    save("good")
    os.truncate(save("bad") / STATE, 1)
    Verdicts(folder).remember(HOST, "tcg", "")
    (folder / "digests").mkdir()
    (folder / "digests" / "one").write_bytes(bytes(9000))
    (folder / "notes").write_text("of the user's own")
    return folder


def names(report: CacheReport) -> list[str]:
    return [entry.name for entry in report.entries]


def gone(report: CacheReport) -> set[str]:
    return {entry.name for entry in report.removed}


@pytest.mark.parametrize("action", ["show", "prune", "clear"])
def test_a_host_on_which_nothing_was_done_keeps_nothing(folder: Path, action: str) -> None:
    report = cache(action)

    assert report == CacheReport(folder=str(folder), entries=())
    assert report.size == 0
    assert not folder.exists()


# Show.
def test_all_that_is_kept_is_shown_by_kind(full: Path) -> None:
    report = cache()

    assert [entry.kind for entry in report.entries] == [
        "saved appliance",
        "saved appliance",
        "verdict on KVM",
        "digests",
    ]
    assert set(names(report)) == {"good", "bad", f"kvm-{HOST.key}.json", "digests"}
    assert report.removed == ()
    assert report.folder == str(full)


def test_a_saved_appliance_tells_what_it_is_and_when_it_was_used(save: Callable[..., Path]) -> None:
    save("key", used=1_700_000_000)
    (entry,) = cache().entries

    assert (entry.name, entry.detail, entry.broken) == ("key", "TCG, 1024 MiB", "")
    assert entry.used == datetime.fromtimestamp(1_700_000_000, UTC)


def test_a_broken_one_says_why(full: Path) -> None:
    broken = {entry.name: entry.broken for entry in cache().entries}

    assert broken["bad"] == "state was changed since it was written"
    assert broken["good"] == broken["digests"] == ""


@pytest.mark.parametrize("accelerator", ["kvm", "tcg"])
def test_a_verdict_tells_for_which_kernel_it_is(folder: Path, accelerator: str) -> None:
    Verdicts(folder).remember(HOST, accelerator, "")  # type: ignore[arg-type]
    (entry,) = cache().entries

    assert entry.detail == f"{accelerator.upper()} for kernel 6.1.0-1-amd64"


@pytest.mark.parametrize("content", [b"", b"\xff", b"[]", b"{}", b'{"accelerator": 1, "kernel": ""}'])
def test_a_verdict_that_cannot_be_read_is_shown_all_the_same(folder: Path, content: bytes) -> None:
    folder.mkdir()
    (folder / "kvm-1.json").write_bytes(content)
    (entry,) = cache().entries

    assert entry.detail == "cannot be read"


def test_the_size_of_all_is_the_sum_of_each(full: Path) -> None:
    report = cache()
    sizes = {entry.name: entry.size for entry in report.entries}

    assert report.size == sum(sizes.values())
    assert sizes["good"] >= 10_000
    assert sizes["digests"] >= 9000


def test_what_another_process_removes_meanwhile_is_left_out(full: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def read_late(path: Path) -> str:
        path.unlink()
        return ""

    monkeypatch.setattr(caching, "_verdict", read_late)

    assert set(names(cache())) == {"good", "bad", "digests"}


def test_to_show_changes_nothing(full: Path) -> None:
    before = sorted(full.rglob("*"))
    cache("show")

    assert sorted(full.rglob("*")) == before


# Prune.
def test_to_prune_removes_what_is_of_no_use_any_more(full: Path) -> None:
    report = cache("prune")

    assert gone(report) == {"bad"}
    assert set(names(report)) == {"good", f"kvm-{HOST.key}.json", "digests"}
    assert [entry.broken for entry in report.removed] == ["state was changed since it was written"]
    assert not (full / "warm" / "bad").exists()


def test_to_prune_removes_what_was_not_used_for_long(save: Callable[..., Path]) -> None:
    save("old", used=5)
    save("young")

    assert gone(cache("prune")) == {"old"}


def test_what_a_dead_process_left_half_made_goes_too(full: Path) -> None:
    (full / "warm" / ".new-1").mkdir()
    cache("prune")

    assert not (full / "warm" / ".new-1").exists()


# Clear.
def test_to_clear_removes_all_that_is_ours(full: Path) -> None:
    report = cache("clear")

    assert report.entries == ()
    assert gone(report) == {"good", "bad", f"kvm-{HOST.key}.json", "digests"}
    assert {path.name for path in full.iterdir()} == {"warm", "notes"}
    assert {path.name for path in (full / "warm").iterdir()} <= {"lock"}


def test_digests_may_be_a_file(folder: Path) -> None:
    folder.mkdir()
    (folder / "digests.json").write_text("{}")

    assert gone(cache("clear")) == {"digests.json"}
    assert not (folder / "digests.json").exists()


def test_a_session_that_was_resumed_goes_on(save: Callable[..., Path]) -> None:
    with (save("key") / STATE).open("rb") as memory:
        cache("clear")

        assert memory.read() == bytes(10_000)


# What stands in the way.
@pytest.mark.parametrize("action", ["prune", "clear"])
def test_a_folder_that_cannot_be_written_is_told(folder: Path, action: str) -> None:
    folder.mkdir()
    (folder / "warm").write_text("in the way")

    with pytest.raises(CacheUnusable) as refused:
        cache(action)
    assert refused.value.message == f"cannot change the cache in {folder}: File exists"
    assert refused.value.exit_status == 3


def test_an_appliance_that_is_being_saved_is_waited_for_and_then_named(
    full: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(caching, "_LOCK_SECONDS", 0.1)
    inside, done = threading.Event(), threading.Event()

    def write() -> None:
        with States(full / "warm").writing(SOON):
            inside.set()
            done.wait(SOON)

    other = threading.Thread(target=write)
    other.start()
    inside.wait(SOON)
    with pytest.raises(RecordingBusy):
        cache("clear")
    done.set()
    other.join()

    assert len(cache().entries) == 4


def test_a_report_is_whole_data_and_frozen(full: Path) -> None:
    report = cache()

    assert CacheReport.model_validate_json(report.model_dump_json()) == report
    with pytest.raises(ValidationError):
        report.folder = "/"  # type: ignore[misc]
