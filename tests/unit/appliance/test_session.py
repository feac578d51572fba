from __future__ import annotations

import os
import signal
import threading
from pathlib import Path
from typing import Any

import pytest

from imagekit.appliance import session
from imagekit.appliance.channel import VerbRefused
from imagekit.appliance.errors import (
    ApplianceDied,
    HostDiskFault,
    VerbTimeout,
)
from imagekit.hostdisk import HostDiskFull

SOON = 20


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


# A session that runs.
def test_a_session_passes_verbs_on(bench: Any) -> None:
    with bench.opened() as opened:
        assert opened.call("echo", "a", 1) == ["echo", "a", 1]
        assert opened.script("echo 1") == "['debug', 'sh', ['echo 1']]"
        with pytest.raises(VerbRefused):
            opened.call("refuse")


def test_a_call_has_the_sessions_deadline_unless_it_has_its_own(bench: Any) -> None:
    with pytest.raises(VerbTimeout) as late, bench.opened(verb_seconds=0.2) as opened:
        opened.call("sleep")
    assert late.value.seconds == 0.2
    with pytest.raises(VerbTimeout) as late, bench.opened() as opened:
        opened.call("sleep", deadline=0.1)

    assert late.value.seconds == 0.1
    assert bench.left_running() == []


def test_a_session_ends_on_an_error_too(bench: Any) -> None:
    with pytest.raises(VerbRefused), bench.opened() as opened:
        opened.call("refuse")

    assert bench.left_running() == []


def test_a_shutdown_waits_for_the_machine(bench: Any) -> None:
    with bench.opened() as opened:
        opened.shutdown()

        assert opened._machine.wait(0)
    assert bench.noted("verbs") == ["umount_all", "shutdown"]
    assert bench.left_running() == []


def test_a_session_leaves_no_descriptor_open(bench: Any) -> None:
    before = descriptors()
    with bench.opened() as opened:
        opened.shutdown()
        watch = next((thread for thread in threading.enumerate() if thread.name == "imagekit-qmp"), None)
    if watch:
        watch.join(SOON)

    assert descriptors() == before


def test_a_machine_that_does_not_end_is_an_error_and_is_ended(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "_EXIT_SECONDS", 0.2)

    with pytest.raises(VerbTimeout, match="shutdown"), bench.opened(kvm="stubborn") as opened:
        opened.shutdown()
    assert bench.left_running() == []


def test_a_fault_of_the_hosts_disk_ends_the_session_and_explains_it(bench: Any) -> None:
    with bench.opened() as opened:
        os.kill(int(bench.noted("pids")[-1]), signal.SIGUSR1)
        assert opened._machine.wait(SOON)

        with pytest.raises(HostDiskFault, match="could not write the image"):
            opened.call("echo")


def test_a_full_disk_of_the_host_is_told_by_the_folder_of_the_overlay(bench: Any) -> None:
    with bench.opened() as opened:
        os.kill(int(bench.noted("pids")[-1]), signal.SIGUSR2)
        assert opened._machine.wait(SOON)

        with pytest.raises(HostDiskFull) as full:
            opened.call("echo")
    assert full.value.path == bench.folder / "disks"


def test_a_fault_that_comes_at_the_very_end_is_not_lost(bench: Any) -> None:
    with bench.opened() as opened:
        opened._watchdog.fault = HostDiskFault("write", "Input/output error")

        with pytest.raises(HostDiskFault):
            opened.shutdown()


def test_a_worker_that_dies_is_told(bench: Any) -> None:
    with bench.opened() as opened:
        os.kill(opened.worker_pid, signal.SIGKILL)

        with pytest.raises(ApplianceDied):
            opened.call("echo", deadline=SOON)
    assert bench.left_running() == []


def test_a_machine_that_dies_is_told_and_is_no_refusal(bench: Any) -> None:
    with bench.opened() as opened:
        with pytest.raises(ApplianceDied, match="during crash: its machine is gone"):
            opened.call("crash")

        with pytest.raises(ApplianceDied):
            opened.call("refuse")
    assert bench.left_running() == []


@pytest.mark.parametrize("network", [True, False])
def test_a_session_tells_whether_it_has_a_network_card(bench: Any, *, network: bool) -> None:
    with bench.opened(network=network) as opened:
        assert opened.network is network
