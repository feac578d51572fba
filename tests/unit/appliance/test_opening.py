from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

from imagekit.appliance import opening
from imagekit.appliance.errors import (
    BuildTimeout,
    LaunchFailed,
    LaunchTimeout,
)
from imagekit.appliance.session import Settings
from imagekit.events import Notice

SOON = 20


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


# Which launches are tried.
SETTINGS = Settings(launch_seconds=180)


@pytest.mark.parametrize(
    ("known", "usable", "tried"),
    [
        (None, True, ["kvm", "tcg", "tcg"]),
        ("kvm", True, ["kvm", "tcg"]),
        ("tcg", True, ["tcg", "tcg"]),
        (None, False, ["tcg", "tcg"]),
        ("kvm", False, ["tcg", "tcg"]),
        ("tcg", False, ["tcg", "tcg"]),
    ],
)
def test_kvm_is_tried_where_it_may_work(
    monkeypatch: pytest.MonkeyPatch, known: Any, tried: list[str], *, usable: bool
) -> None:
    monkeypatch.setattr(opening, "device_usable", lambda: usable)

    assert [attempt.accelerator for attempt in opening._attempts(known, SETTINGS)] == tried


def test_a_kvm_that_nobody_tried_gets_less_time_than_one_that_worked(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(opening, "device_usable", lambda: True)
    (tmp_path / f".guestfs-{os.geteuid()}" / "appliance.d").mkdir(parents=True)
    settings = Settings(launch_seconds=180, cachedir=tmp_path)
    first = opening._attempts(None, settings)[0].seconds
    (tmp_path / f".guestfs-{os.geteuid()}" / "appliance.d" / "root").write_text("")

    assert (opening._attempts(None, settings)[0].seconds, opening._attempts("kvm", settings)[0].seconds) == (30, 180)
    assert first == 120  # libguestfs may have to build its appliance first


# KVM, or emulation.
def test_a_kvm_that_works_is_taken_and_remembered(bench: Any) -> None:
    with bench.opened() as opened:
        assert (opened.accelerator, opened.version) == ("kvm", "1.48.6")

    assert bench.noted("launches") == ["kvm"]
    assert bench.verdicts.recall(bench.host) == "kvm"
    assert bench.events == []


@pytest.mark.parametrize("how", ["hang", "abort", "refuse"])
def test_a_kvm_that_does_not_work_is_found_out_once(bench: Any, monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    if how == "hang":
        monkeypatch.setattr(opening, "KVM_LAUNCH_SECONDS", 0.5)
    with bench.opened(kvm=how) as opened:
        assert opened.accelerator == "tcg"
    assert bench.noted("launches") == ["kvm", "tcg"]
    (notice,) = bench.events
    with bench.opened(kvm=how) as opened:
        assert opened.accelerator == "tcg"

    assert bench.noted("launches") == ["tcg"]
    assert isinstance(notice, Notice)
    assert "going on with emulation" in notice.text
    assert bench.events == [notice]
    assert bench.verdicts.recall(bench.host) == "tcg"
    assert bench.left_running() == []


def test_why_kvm_was_given_up_is_kept_with_the_verdict(bench: Any) -> None:
    with bench.opened(kvm="abort"):
        pass

    (verdict,) = (bench.folder / "cache").iterdir()
    assert "qemu: KVM: cannot create vCPU" in json.loads(verdict.read_text())["reason"]


def test_a_kvm_that_worked_before_and_fails_once_is_tried_again_next_time(bench: Any) -> None:
    bench.verdicts.remember(bench.host, "kvm", "")
    with bench.opened(kvm="abort") as opened:
        assert opened.accelerator == "tcg"
    with bench.opened() as opened:
        assert opened.accelerator == "kvm"

    assert bench.noted("launches") == ["kvm", "tcg", "kvm"]
    assert bench.verdicts.recall(bench.host) == "kvm"


def test_without_the_device_nothing_is_learnt_of_kvm(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "device_usable", lambda: False)
    with bench.opened() as opened:
        assert opened.accelerator == "tcg"

    assert bench.verdicts.recall(bench.host) is None


# Launches that fail.
def test_when_nothing_comes_up_nothing_is_remembered(bench: Any) -> None:
    with pytest.raises(LaunchFailed), bench.opened(kvm="abort", tcg="refuse"):
        pass

    assert bench.noted("launches") == ["kvm", "tcg"]
    assert bench.verdicts.recall(bench.host) is None
    assert bench.left_running() == []


def test_a_launch_that_hangs_is_tried_once_more(bench: Any) -> None:
    bench.verdicts.remember(bench.host, "tcg", "")
    with pytest.raises(LaunchTimeout, match=r"within 0 s"), bench.opened(tcg="hang", launch_seconds=0.3):
        pass

    assert bench.noted("launches") == ["tcg", "tcg"]
    assert bench.left_running() == []


def test_a_failure_is_told_by_the_first_line_that_libguestfs_said(bench: Any) -> None:
    bench.verdicts.remember(bench.host, "tcg", "")

    with pytest.raises(LaunchFailed) as failed, bench.opened(tcg="refuse"):
        pass
    assert failed.value.reason == "launch: no appliance"


def test_a_failure_is_told_by_qemus_own_last_line_if_there_is_one(bench: Any) -> None:
    bench.verdicts.remember(bench.host, "tcg", "")

    with pytest.raises(LaunchFailed) as failed, bench.opened(tcg="abort"):
        pass
    assert failed.value.reason == "qemu: KVM: cannot create vCPU"


def test_what_an_earlier_attempt_said_explains_no_later_one(bench: Any) -> None:
    with pytest.raises(LaunchFailed) as failed, bench.opened(kvm="abort", tcg="refuse"):
        pass

    assert failed.value.reason == "launch: no appliance"


def test_a_machine_whose_channel_cannot_be_watched_is_not_used(bench: Any) -> None:
    bench.verdicts.remember(bench.host, "tcg", "")
    before = descriptors()

    with pytest.raises(LaunchFailed), bench.opened(tcg="no channel"):
        pass
    assert bench.left_running() == []
    assert descriptors() == before


def test_the_end_of_the_build_ends_a_launch_and_blames_no_kvm(bench: Any) -> None:
    with pytest.raises(BuildTimeout), bench.opened(kvm="hang", until=time.monotonic() + 0.2):
        pass

    assert bench.noted("launches") == ["kvm"]
    assert bench.verdicts.recall(bench.host) is None
    assert bench.left_running() == []


# What ends the worker should this process be killed.
def test_a_worker_is_guarded_from_before_its_launch_until_it_is_gone(bench: Any) -> None:
    with bench.opened(kvm="refuse") as opened:
        assert bench.guarded == [opened.worker_pid]
    assert bench.guarded == []


@pytest.mark.parametrize("how", ["hang", "abort", "refuse", "no channel"])
def test_a_launch_that_fails_leaves_nothing_to_guard(bench: Any, how: str) -> None:
    bench.verdicts.remember(bench.host, "tcg", "")

    with pytest.raises((LaunchFailed, LaunchTimeout)), bench.opened(tcg=how, launch_seconds=0.3):
        pass
    assert bench.guarded == []
