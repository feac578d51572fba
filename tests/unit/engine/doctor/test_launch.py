from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, Any

import pytest

from imagekit.appliance.accel import Host as KvmHost, Verdicts
from imagekit.appliance.errors import LaunchFailed
from imagekit.appliance.session import Settings
from imagekit.engine.doctor import launch as module
from imagekit.engine.doctor.launch import Launch, check_appliance, check_kvm, check_warm, launch
from imagekit.events import Event, Notice, StageStarted, silent
from imagekit.process import ToolMissing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from imagekit.appliance.session import Disk
    from imagekit.engine.doctor.host import Host

UP, EMULATED = Launch("kvm", 3.0), Launch("tcg", 9.0)


def test_an_appliance_that_came_up_tells_how_long_it_took() -> None:
    check = check_appliance(EMULATED)

    assert (check.state, check.detail) == ("ok", "came up in 9.0 s with TCG")


def test_one_that_did_not_says_why_and_what_tells_more() -> None:
    check = check_appliance(Launch(reason="supermin exited"))

    assert (check.state, check.detail, check.fix) == ("fail", "supermin exited", "libguestfs-test-tool")


def test_no_kvm_device_is_slower_but_works(bare: Host) -> None:
    check = check_kvm(bare, EMULATED)

    assert check.state == "warn"
    assert "modprobe" in check.fix


def test_a_device_that_the_user_may_not_open_is_a_matter_of_the_group(
    bare: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare.kvm.touch()
    monkeypatch.setattr(os, "access", lambda _path, _mode: False)  # root may open whatever its mode is

    check = check_kvm(bare, EMULATED)

    assert check.state == "warn"
    assert "usermod -aG kvm" in check.fix


@pytest.mark.parametrize(
    ("done", "state", "told"),
    [
        (UP, "ok", "works"),
        (EMULATED, "warn", "no appliance comes up with it"),
        (Launch(reason="x"), "warn", "nothing came up to try it with"),
        (None, "ok", "was not tried"),
    ],
)
def test_a_device_is_judged_by_the_launch(bare: Host, done: Launch | None, state: str, told: str) -> None:
    bare.kvm.touch()

    check = check_kvm(bare, done)

    assert check.state == state
    assert told in check.detail


# Whether builds start at once.
def test_a_saved_appliance_that_answers_tells_how_fast() -> None:
    check = check_warm(Launch("tcg", 1.04, warm=True, notices=("saving an appliance",)), cold=False)

    assert (check.state, check.detail, check.fix) == ("ok", "a saved appliance answers after 1.0 s", "")


@pytest.mark.parametrize(
    ("done", "told"),
    [
        (Launch("tcg", 9.0, notices=("saving", "no appliance was saved: no room")), "no appliance was saved: no room"),
        (Launch("tcg", 9.0), "not tried"),
        (Launch(reason="x"), "not tried"),
    ],
)
def test_why_builds_start_slowly_is_told_in_the_last_words_of_the_launch(done: Launch, told: str) -> None:
    check = check_warm(done, cold=False)

    assert (check.state, check.detail) == ("warn", told)
    assert check.fix


def test_with_the_wish_for_a_cold_start_there_is_nothing_to_mend() -> None:
    check = check_warm(Launch("tcg", 9.0), cold=True)

    assert (check.state, check.detail, check.fix) == ("ok", "not tried, since --cold was given", "")


# The launch itself.
class Session:
    """An appliance that came up."""

    accelerator = "tcg"
    launch_seconds = 1.5
    warm = True
    stopped = False

    def shutdown(self) -> None:
        self.stopped = True


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Session:
    """What the launch brings up, on a host whose KVM was given up before."""
    session = Session()

    @contextlib.contextmanager
    def open_session(disks: tuple[Disk, ...], *_args: object, verdicts: Verdicts, **told: Any) -> Iterator[Session]:
        (disk,) = disks
        assert (disk.format, disk.path.stat().st_size) == ("raw", 1 << 20)
        assert verdicts.recall(KvmHost.here(qemu)) is None
        told["on_event"](Notice("one thing"))
        told["on_event"](Notice("another"))
        yield session

    qemu = tmp_path / "qemu"
    qemu.touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(module, "find_qemu", lambda: qemu)
    monkeypatch.setattr(module, "open_session", open_session)
    Verdicts(tmp_path / "imagekit").remember(KvmHost.here(qemu), "tcg", "")
    return session


def test_a_launch_tells_how_it_went_and_what_was_said_on_the_way(started: Session) -> None:
    done = launch(Settings(), silent)

    assert done == Launch("tcg", 1.5, warm=True, notices=("one thing", "another"))
    assert started.stopped


def test_what_is_said_on_the_way_reaches_the_caller_too(started: Session) -> None:
    events: list[Event] = []
    launch(Settings(), events.append)

    assert [event.text for event in events if isinstance(event, Notice)] == ["one thing", "another"]
    assert [event.stage for event in events if isinstance(event, StageStarted)] == ["start appliance"]


@pytest.mark.parametrize("error", [LaunchFailed("no"), ToolMissing("qemu-system-x86_64")])
def test_a_launch_that_fails_is_a_finding_and_no_error(
    error: Exception, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def refuse(*_args: object, **_kwargs: object) -> None:
        raise error

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(module, "find_qemu", refuse)

    assert launch(Settings(), silent) == Launch(reason=str(error))
