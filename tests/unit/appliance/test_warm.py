from __future__ import annotations

import os
import threading
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from imagekit.appliance import launching, recording, states, warm
from imagekit.appliance.errors import BuildTimeout, LaunchFailed
from imagekit.appliance.shim import STATE

SOON = 20
SAVING = "saving an appliance in {}/states, so that every later build starts at once; this boots it one more time"
GIVEN_UP = "the saved appliance was not used: {}; starting one afresh, which takes longer"


def descriptors() -> int:
    for thread in threading.enumerate():
        if thread.name == "imagekit-qmp":
            thread.join(SOON)
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.fixture
def emulated(bench: Any) -> Any:
    """A host of which is known that KVM does not work."""
    bench.verdicts.remember(bench.host, "tcg", "")
    return bench


@pytest.fixture
def saved(emulated: Any) -> Any:
    """A host with a saved appliance."""
    with emulated.opened(warm=True):
        pass
    for name in ("launches", "pids", "setups", "verbs", "commands"):
        emulated.noted(name)
    assert len(emulated.told()) == 1
    return emulated


def nothing_left(bench: Any) -> bool:
    half_made = list(bench.states.folder.glob(".new-*")) if bench.states.folder.exists() else []
    return bench.guarded == [] and bench.left_running() == [] and half_made == []


# The way that it goes.
def test_a_saved_appliance_is_resumed_at_once_without_a_word(saved: Any) -> None:
    with saved.opened(warm=True) as session:
        assert (session.warm, session.accelerator) == (True, "tcg")
        assert session.call("echo", "a") == ["echo", "a"]
        session.shutdown()

    assert saved.noted("launches") == ["tcg resume"]
    assert saved.told() == []
    assert nothing_left(saved)


def test_it_is_woken_before_anything_else_is_asked(saved: Any) -> None:
    with saved.opened(warm=True) as session:
        session.call("echo")

    assert saved.noted("verbs") == ["debug", "echo"]


def test_the_first_use_saves_one_says_so_once_and_resumes_it(emulated: Any) -> None:
    with emulated.opened(warm=True) as session:
        assert session.warm
        assert emulated.guarded == [session.worker_pid]

    assert emulated.noted("launches") == ["tcg resume", "tcg record", "tcg resume"]
    assert emulated.told() == [SAVING.format(emulated.folder)]
    assert [(state.key, state.broken) for state in emulated.states.listed()] == [("key", "")]
    assert nothing_left(emulated)


def test_both_ways_the_worker_is_told_the_same_disks(saved: Any) -> None:
    for warm_too in (True, False):
        with saved.opened(warm=warm_too):
            pass
    first, second = (text.partition('"disks": ')[2] for text in saved.noted("setups"))

    assert first == second != ""


def test_one_that_another_process_saved_meanwhile_is_taken(emulated: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    waited = states.States.writing

    def writing_late(made: states.States, seconds: float) -> Any:
        with waited(made, seconds):
            made["key"].mkdir()
        return waited(made, seconds)

    monkeypatch.setattr(states.States, "writing", writing_late)
    with emulated.opened(warm=True) as session:
        assert session.warm

    assert emulated.noted("launches") == ["tcg resume", "tcg resume"]
    assert emulated.told() == []


def test_no_more_are_kept_than_may_be(emulated: Any) -> None:
    for number in range(8):
        with emulated.states.writing(SOON), emulated.states.fresh() as folder:
            for name in (STATE, "root.qcow2"):
                (folder / name).touch()
            emulated.states.publish(folder, str(number), "")
        os.utime(emulated.states[str(number)], (number, number))
    with emulated.opened(warm=True):
        pass

    assert len(emulated.states.listed()) <= 6
    assert "key" in emulated.states


def test_without_the_wish_for_it_nothing_of_it_is_touched(emulated: Any) -> None:
    with emulated.opened(warm=False) as session:
        assert not session.warm

    assert emulated.noted("launches") == ["tcg"]
    assert not emulated.states.folder.exists()
    assert emulated.told() == []


# When none can be saved.
@pytest.mark.parametrize(
    ("goes", "why"),
    [
        ({"save": "failed"}, "a warm appliance could not be saved: qemu could not write its memory (failed)"),
        ({"tcg": "deaf"}, "the appliance refused debug"),
    ],
)
def test_one_boots_instead_if_none_can_be_saved(emulated: Any, goes: dict[str, str], why: str) -> None:
    before = descriptors()
    with emulated.opened(warm=True, **goes) as session:
        assert not session.warm
        assert session.call("echo", "a") == ["echo", "a"]

    assert emulated.noted("launches") == ["tcg resume", "tcg record", "tcg"]
    assert emulated.told() == [SAVING.format(emulated.folder), f"no appliance was saved: {why}"]
    assert emulated.states.listed() == ()
    assert nothing_left(emulated)
    assert descriptors() == before


@pytest.mark.parametrize(
    ("how", "why"),
    [
        ("refuse", "the appliance did not start: launch: no appliance"),
        ("no channel", "No such file or directory"),
    ],
)
def test_why_none_was_saved_is_told_even_where_nothing_boots(emulated: Any, how: str, why: str) -> None:
    before = descriptors()
    with pytest.raises(LaunchFailed), emulated.opened(warm=True, tcg=how):
        pass

    assert emulated.told() == [SAVING.format(emulated.folder), f"no appliance was saved: {why}"]
    assert nothing_left(emulated)
    assert descriptors() == before


def test_a_full_disk_costs_time_and_nothing_else(emulated: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording.os, "statvfs", lambda _path: SimpleNamespace(f_bavail=1, f_frsize=1 << 20))
    with emulated.opened(warm=True) as session:
        assert not session.warm

    assert emulated.noted("launches") == ["tcg resume", "tcg"]
    assert "has 1 MiB left" in emulated.told()[-1]
    assert nothing_left(emulated)


def test_a_folder_that_cannot_be_made_costs_time_and_nothing_else(emulated: Any) -> None:
    emulated.states.folder.write_text("in the way")
    with emulated.opened(warm=True) as session:
        assert not session.warm

    assert emulated.noted("launches") == ["tcg resume", "tcg"]
    (notice,) = emulated.told()
    assert notice.startswith("no appliance was saved: ")


def test_a_tool_that_is_missing_costs_time_and_nothing_else(
    emulated: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "setpriv").symlink_to("/usr/bin/setpriv")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    with emulated.opened(warm=True) as session:
        assert not session.warm

    assert emulated.told()[-1] == "no appliance was saved: qemu-img is not installed on this host"


def test_another_process_that_saves_for_too_long_is_not_waited_for(
    emulated: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warm, "_WAIT_SECONDS", 0.1)
    inside, done = threading.Event(), threading.Event()

    def write() -> None:
        with emulated.states.writing(SOON):
            inside.set()
            done.wait(SOON)

    other = threading.Thread(target=write)
    other.start()
    inside.wait(SOON)
    with emulated.opened(warm=True) as session:
        assert not session.warm
    done.set()
    other.join()

    (notice,) = emulated.told()
    assert "another process is still making a warm appliance" in notice


# When one that was saved cannot be resumed.
@pytest.mark.parametrize("how", ["unfit", "dead", "hang", "deaf", "no channel"])
def test_one_that_cannot_be_resumed_is_dropped_and_one_boots_instead(
    saved: Any, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    monkeypatch.setattr(warm, "WAKE_SECONDS", 1.0 if how == "hang" else float(SOON))
    before = descriptors()
    with saved.opened(warm=True, resume=how) as session:
        assert not session.warm
        assert session.call("echo", "a") == ["echo", "a"]
        assert saved.guarded == [session.worker_pid]

    assert saved.noted("launches") == ["tcg resume", "tcg"]
    assert saved.told() == [GIVEN_UP.format(how)]
    assert saved.states.listed() == ()
    assert nothing_left(saved)
    assert descriptors() == before


def test_the_next_session_saves_a_new_one(saved: Any) -> None:
    with saved.opened(warm=True, resume="unfit"):
        pass
    saved.noted("launches")
    with saved.opened(warm=True) as session:
        assert session.warm

    assert saved.noted("launches") == ["tcg resume", "tcg record", "tcg resume"]


def test_one_that_cannot_be_dropped_is_left_and_one_boots_instead(saved: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_states: object, _key: str) -> None:
        raise PermissionError

    monkeypatch.setattr(states.States, "drop", refuse)
    with saved.opened(warm=True, resume="unfit") as session:
        assert not session.warm

    assert len(saved.told()) == 1


def test_a_state_that_was_saved_and_is_not_found_is_not_saved_again(
    emulated: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with emulated.opened(warm=True, resume="missing") as session:
        assert not session.warm

    assert emulated.noted("launches") == ["tcg resume", "tcg record", "tcg resume", "tcg"]
    assert nothing_left(emulated)


def test_a_shim_that_says_nothing_is_told_by_what_libguestfs_said(saved: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launching.Bench, "answer", lambda _bench: {})
    with saved.opened(warm=True, resume="dead") as session:
        assert not session.warm

    assert saved.told() == [GIVEN_UP.format("the appliance did not start: guestfs_launch failed")]
    assert len(saved.states.listed()) == 1


def test_the_end_of_the_build_ends_a_resume_and_blames_no_state(saved: Any) -> None:
    with pytest.raises(BuildTimeout), saved.opened(warm=True, resume="hang", until=time.monotonic() + 0.5):
        pass

    assert saved.noted("launches") == ["tcg resume"]
    assert len(saved.states.listed()) == 1
    assert nothing_left(saved)


def test_a_first_answer_may_take_as_long_as_a_launch_since_libguestfs_may_build_its_appliance(
    emulated: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[tuple[str, float]] = []
    monkeypatch.setattr(warm, "launch", lambda _bench, attempt, _disks: tried.append((attempt.mode, attempt.seconds)))
    monkeypatch.setattr(warm, "WAKE_SECONDS", 9.0)
    chosen = emulated.settings(warm=True)
    parts = launching.Bench(chosen, emulated.folder, emulated.folder / "qemu-system", emulated)
    warmth = warm.Warmth(parts, emulated.disks, emulated.host, emulated.verdicts, emulated.events.append)
    warmth.session()
    emulated.states["key"].mkdir(parents=True)
    warmth.session()

    assert tried == [("resume", float(SOON)), ("resume", 9.0)]


# KVM.
def test_a_kvm_that_works_is_found_out_and_remembered(bench: Any) -> None:
    with bench.opened(warm=True) as session:
        assert (session.warm, session.accelerator) == (True, "kvm")

    assert bench.noted("launches") == ["kvm resume", "kvm record", "kvm resume"]
    assert bench.verdicts.recall(bench.host) == "kvm"
    assert bench.told() == [SAVING.format(bench.folder)]


@pytest.mark.parametrize("how", ["refuse", "abort", "hang"])
def test_a_kvm_that_does_not_work_is_found_out_once_and_told(
    bench: Any, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    if how == "hang":
        monkeypatch.setattr(warm, "KVM_LAUNCH_SECONDS", 0.5)
    with bench.opened(warm=True, kvm=how) as session:
        assert (session.warm, session.accelerator) == (True, "tcg")
    assert bench.noted("launches") == ["kvm resume", "kvm record", "tcg resume", "tcg record", "tcg resume"]
    assert bench.told() == [SAVING.format(bench.folder), warm.NO_KVM, SAVING.format(bench.folder)]
    with bench.opened(warm=True, kvm=how) as session:
        assert session.warm

    assert bench.noted("launches") == ["tcg resume"]
    assert bench.verdicts.recall(bench.host) == "tcg"
    assert bench.told() == []
    assert nothing_left(bench)


def test_a_device_that_nobody_may_open_is_not_tried_and_nothing_is_learnt(
    bench: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warm, "device_usable", lambda: False)
    with bench.opened(warm=True) as session:
        assert session.accelerator == "tcg"

    assert bench.verdicts.recall(bench.host) is None


def test_a_kvm_that_worked_before_and_fails_while_one_is_saved_is_no_verdict(bench: Any) -> None:
    bench.verdicts.remember(bench.host, "kvm", "")
    with bench.opened(warm=True, kvm="refuse") as session:
        assert (session.warm, session.accelerator) == (False, "tcg")

    assert bench.noted("launches") == ["kvm resume", "kvm record", "kvm", "tcg"]
    assert bench.told() == [
        SAVING.format(bench.folder),
        "no appliance was saved: the appliance did not start: launch: no appliance",
        warm.NO_KVM,
    ]
    assert nothing_left(bench)


def test_a_state_that_does_not_come_up_says_nothing_of_kvm(bench: Any) -> None:
    with bench.opened(warm=True):
        pass
    bench.verdicts.forget(bench.host)
    bench.told()
    with bench.opened(warm=True, resume="dead") as session:
        assert (session.warm, session.accelerator) == (False, "kvm")

    assert len(bench.told()) == 1
    assert bench.verdicts.recall(bench.host) == "kvm"
