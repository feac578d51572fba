"""A session without libguestfs: a worker that does what a test says, and a machine that speaks enough QMP."""

from __future__ import annotations

import json
import os
import select
import signal
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from imagekit.appliance import channel, session
from imagekit.appliance.accel import Host, Verdicts
from imagekit.appliance.channel import VerbRefused
from imagekit.appliance.errors import (
    ApplianceDied,
    BuildTimeout,
    HostDiskFault,
    LaunchFailed,
    LaunchTimeout,
    VerbTimeout,
)
from imagekit.appliance.session import Disk, Settings, open_session
from imagekit.events import Event, Notice
from imagekit.hostdisk import HostDiskFull

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from imagekit.appliance.session import Session

SOON = 20
WORKER = r"""
import json, os, signal, socket, sys, time

FOLDER = "@FOLDER@"
setup = {}
machine = 0


def note(name, text):
    with open(os.path.join(FOLDER, name), "a") as notes:
        notes.write(str(text) + "\n")


def machine_at(path, stubborn):
    if os.path.exists(path):
        os.unlink(path)
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(path)
    listening.listen()
    pid = os.fork()
    if pid:
        return pid
    os.dup2(2, 1)  # the pipe of the answers is the worker's alone
    stream = listening.accept()[0].makefile("rw")

    def say(document):
        stream.write(json.dumps(document) + "\n")
        stream.flush()

    def fail(nospace):
        data = {"operation": "write", "action": "stop", "reason": "Input/output error", "nospace": nospace}
        say({"event": "BLOCK_IO_ERROR", "data": data})

    faults = {signal.SIGUSR1, signal.SIGUSR2}
    signal.pthread_sigmask(signal.SIG_BLOCK, faults)
    signal.signal(signal.SIGTERM, signal.SIG_IGN if stubborn else signal.SIG_DFL)
    say({"QMP": {}})
    stream.readline()
    say({"return": {}})
    while True:
        fail(signal.sigwait(faults) == signal.SIGUSR2)


def launch():
    global machine
    accelerator = setup["backend_settings"][0].removeprefix("force_")
    note("launches", accelerator)
    note("pids", os.getpid())
    with open(os.path.join(FOLDER, "how")) as how:
        doing = json.load(how)[accelerator]
    if doing == "hang":
        time.sleep(1000)
    if doing == "abort":
        print("qemu: KVM: cannot create vCPU", file=sys.stderr, flush=True)
        os.kill(os.getpid(), signal.SIGABRT)
    if doing == "refuse":
        raise RuntimeError("launch: no appliance\nmore")
    path = setup["qemu_options"][0][1].removeprefix("unix:").partition(",")[0]
    machine = machine_at(path if doing != "no channel" else path + ".elsewhere", doing == "stubborn")
    note("pids", machine)


def answer(verb, args):
    global setup
    if verb == "open":
        setup = args[0]
        note("setups", json.dumps(setup))
        return {"version": "1.48.6"}
    if verb == "launch":
        return launch()
    if verb == "get_pid":
        return machine
    note("verbs", verb)
    if verb == "shutdown":
        os.kill(machine, signal.SIGTERM)
        return None
    if verb == "sleep":
        time.sleep(1000)
    if verb == "refuse":
        raise RuntimeError("no")
    if verb == "crash":
        os.kill(machine, signal.SIGKILL)
        raise RuntimeError("appliance closed the connection unexpectedly.")
    return [verb, *args]


for line in sys.stdin.buffer:
    request = json.loads(line)
    try:
        reply = {"ok": answer(request["verb"], request["args"])}
    except RuntimeError as error:
        reply = {"error": str(error), "type": "RuntimeError"}
    print(json.dumps(reply), flush=True)
"""


@dataclass
class Bench:
    """A host whose launches go as a test says: ``work``, ``hang``, ``abort``, ``refuse``, ``no channel``, ``stubborn``."""

    folder: Path
    verdicts: Verdicts
    host: Host
    events: list[Event] = field(default_factory=list)
    guarded: list[int] = field(default_factory=list)

    def opened(self, *, kvm: str = "work", tcg: str = "work", **settings: Any) -> AbstractContextManager[Session]:
        (self.folder / "how").write_text(json.dumps({"kvm": kvm, "tcg": tcg}))
        chosen = Settings(**{"cachedir": self.folder, "launch_seconds": SOON, **settings})
        disks = (Disk(self.folder / "disks" / "overlay", "qcow2"), Disk(self.folder / "seed", "raw", readonly=True))
        return open_session(disks, chosen, self.folder, guard=self, verdicts=self.verdicts, on_event=self.events.append)

    def guard(self, pid: int) -> None:
        self.guarded.append(pid)

    def unguard(self, pid: int) -> None:
        assert gone(pid)
        self.guarded.remove(pid)

    def noted(self, name: str) -> list[str]:
        """Return what the workers noted since the last time."""
        path = self.folder / name
        found = path.read_text().splitlines() if path.exists() else []
        path.unlink(missing_ok=True)
        return found

    def left_running(self) -> list[int]:
        """Return the workers and machines that are still there after a while."""
        return [pid for pid in map(int, self.noted("pids")) if not gone(pid)]


def gone(pid: int) -> bool:
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([descriptor], [], [], SOON)[0])
    finally:
        os.close(descriptor)


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    qemu = tmp_path / "qemu-system"
    qemu.write_text("")
    (tmp_path / "worker.py").write_text(WORKER.replace("@FOLDER@", str(tmp_path)))
    monkeypatch.setattr(channel, "WORKER", tmp_path / "worker.py")
    monkeypatch.setattr(session, "find_interpreter", lambda: sys.executable)
    monkeypatch.setattr(session, "find_qemu", lambda: qemu)
    monkeypatch.setattr(session, "device_usable", lambda: True)
    monkeypatch.setattr(session, "KVM_LAUNCH_SECONDS", float(SOON))
    monkeypatch.setattr(session, "_SUPERMIN_SECONDS", 0.0)
    return Bench(tmp_path, Verdicts(tmp_path / "cache"), Host.here(qemu))


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
    monkeypatch.setattr(session, "device_usable", lambda: usable)

    assert [attempt.accelerator for attempt in session._attempts(known, SETTINGS)] == tried


def test_a_kvm_that_nobody_tried_gets_less_time_than_one_that_worked(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(session, "device_usable", lambda: True)
    (tmp_path / f".guestfs-{os.geteuid()}" / "appliance.d").mkdir(parents=True)
    settings = Settings(launch_seconds=180, cachedir=tmp_path)
    first = session._attempts(None, settings)[0].seconds
    (tmp_path / f".guestfs-{os.geteuid()}" / "appliance.d" / "root").write_text("")

    assert (session._attempts(None, settings)[0].seconds, session._attempts("kvm", settings)[0].seconds) == (30, 180)
    assert first == 120  # libguestfs may have to build its appliance first


# KVM, or emulation.
def test_a_kvm_that_works_is_taken_and_remembered(bench: Bench) -> None:
    with bench.opened() as opened:
        assert (opened.accelerator, opened.version) == ("kvm", "1.48.6")

    assert bench.noted("launches") == ["kvm"]
    assert bench.verdicts.recall(bench.host) == "kvm"
    assert bench.events == []


@pytest.mark.parametrize("how", ["hang", "abort", "refuse"])
def test_a_kvm_that_does_not_work_is_found_out_once(bench: Bench, monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    if how == "hang":
        monkeypatch.setattr(session, "KVM_LAUNCH_SECONDS", 0.5)
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


def test_why_kvm_was_given_up_is_kept_with_the_verdict(bench: Bench) -> None:
    with bench.opened(kvm="abort"):
        pass

    (verdict,) = (bench.folder / "cache").iterdir()
    assert "qemu: KVM: cannot create vCPU" in json.loads(verdict.read_text())["reason"]


def test_a_kvm_that_worked_before_and_fails_once_is_tried_again_next_time(bench: Bench) -> None:
    bench.verdicts.remember(bench.host, "kvm", "")
    with bench.opened(kvm="abort") as opened:
        assert opened.accelerator == "tcg"
    with bench.opened() as opened:
        assert opened.accelerator == "kvm"

    assert bench.noted("launches") == ["kvm", "tcg", "kvm"]
    assert bench.verdicts.recall(bench.host) == "kvm"


def test_without_the_device_nothing_is_learnt_of_kvm(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "device_usable", lambda: False)
    with bench.opened() as opened:
        assert opened.accelerator == "tcg"

    assert bench.verdicts.recall(bench.host) is None


# Launches that fail.
def test_when_nothing_comes_up_nothing_is_remembered(bench: Bench) -> None:
    with pytest.raises(LaunchFailed), bench.opened(kvm="abort", tcg="refuse"):
        pass

    assert bench.noted("launches") == ["kvm", "tcg"]
    assert bench.verdicts.recall(bench.host) is None
    assert bench.left_running() == []


def test_a_launch_that_hangs_is_tried_once_more(bench: Bench) -> None:
    bench.verdicts.remember(bench.host, "tcg", "")
    with pytest.raises(LaunchTimeout, match=r"within 0 s"), bench.opened(tcg="hang", launch_seconds=0.3):
        pass

    assert bench.noted("launches") == ["tcg", "tcg"]
    assert bench.left_running() == []


def test_a_failure_is_told_by_the_first_line_that_libguestfs_said(bench: Bench) -> None:
    bench.verdicts.remember(bench.host, "tcg", "")

    with pytest.raises(LaunchFailed) as failed, bench.opened(tcg="refuse"):
        pass
    assert failed.value.reason == "launch: no appliance"


def test_a_failure_is_told_by_qemus_own_last_line_if_there_is_one(bench: Bench) -> None:
    bench.verdicts.remember(bench.host, "tcg", "")

    with pytest.raises(LaunchFailed) as failed, bench.opened(tcg="abort"):
        pass
    assert failed.value.reason == "qemu: KVM: cannot create vCPU"


def test_what_an_earlier_attempt_said_explains_no_later_one(bench: Bench) -> None:
    with pytest.raises(LaunchFailed) as failed, bench.opened(kvm="abort", tcg="refuse"):
        pass

    assert failed.value.reason == "launch: no appliance"


def test_a_machine_whose_channel_cannot_be_watched_is_not_used(bench: Bench) -> None:
    bench.verdicts.remember(bench.host, "tcg", "")
    before = descriptors()

    with pytest.raises(LaunchFailed), bench.opened(tcg="no channel"):
        pass
    assert bench.left_running() == []
    assert descriptors() == before


def test_the_end_of_the_build_ends_a_launch_and_blames_no_kvm(bench: Bench) -> None:
    with pytest.raises(BuildTimeout), bench.opened(kvm="hang", until=time.monotonic() + 0.2):
        pass

    assert bench.noted("launches") == ["kvm"]
    assert bench.verdicts.recall(bench.host) is None
    assert bench.left_running() == []


# What ends the worker should this process be killed.
def test_a_worker_is_guarded_from_before_its_launch_until_it_is_gone(bench: Bench) -> None:
    with bench.opened(kvm="refuse") as opened:
        assert bench.guarded == [opened.worker_pid]
    assert bench.guarded == []


@pytest.mark.parametrize("how", ["hang", "abort", "refuse", "no channel"])
def test_a_launch_that_fails_leaves_nothing_to_guard(bench: Bench, how: str) -> None:
    bench.verdicts.remember(bench.host, "tcg", "")

    with pytest.raises((LaunchFailed, LaunchTimeout)), bench.opened(tcg=how, launch_seconds=0.3):
        pass
    assert bench.guarded == []


# What the worker is told.
def test_every_option_is_told_to_the_worker(bench: Bench) -> None:
    with bench.opened(memory=2048, cpus=2, network=True):
        pass
    (setup,) = map(json.loads, bench.noted("setups"))

    assert setup == {
        "backend_settings": ["force_kvm"],
        "hypervisor": str(bench.folder / "qemu"),
        "tmpdir": str(bench.folder),
        "cachedir": str(bench.folder),
        "memory": 2048,
        "cpus": 2,
        "network": True,
        "qemu_options": [
            ["-qmp", f"unix:{bench.folder}/qmp,server=on,wait=off"],
            ["-sandbox", "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny"],
        ],
        "disks": [
            {
                "path": str(bench.folder / "disks" / "overlay"),
                "format": "qcow2",
                "readonly": False,
                "discard": "besteffort",
            },
            {"path": str(bench.folder / "seed"), "format": "raw", "readonly": True, "discard": "disable"},
        ],
    }


# A session that runs.
def test_a_session_passes_verbs_on(bench: Bench) -> None:
    with bench.opened() as opened:
        assert opened.call("echo", "a", 1) == ["echo", "a", 1]
        assert opened.script("echo 1") == "['debug', 'sh', ['echo 1']]"
        with pytest.raises(VerbRefused):
            opened.call("refuse")


def test_a_call_has_the_sessions_deadline_unless_it_has_its_own(bench: Bench) -> None:
    with pytest.raises(VerbTimeout) as late, bench.opened(verb_seconds=0.2) as opened:
        opened.call("sleep")
    assert late.value.seconds == 0.2
    with pytest.raises(VerbTimeout) as late, bench.opened() as opened:
        opened.call("sleep", deadline=0.1)

    assert late.value.seconds == 0.1
    assert bench.left_running() == []


def test_a_session_ends_on_an_error_too(bench: Bench) -> None:
    with pytest.raises(VerbRefused), bench.opened() as opened:
        opened.call("refuse")

    assert bench.left_running() == []


def test_a_shutdown_waits_for_the_machine(bench: Bench) -> None:
    with bench.opened() as opened:
        opened.shutdown()

        assert opened._machine.wait(0)
    assert bench.noted("verbs") == ["umount_all", "shutdown"]
    assert bench.left_running() == []


def test_a_session_leaves_no_descriptor_open(bench: Bench) -> None:
    before = descriptors()
    with bench.opened() as opened:
        opened.shutdown()
        watch = next((thread for thread in threading.enumerate() if thread.name == "imagekit-qmp"), None)
    if watch:
        watch.join(SOON)

    assert descriptors() == before


def test_a_machine_that_does_not_end_is_an_error_and_is_ended(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "_EXIT_SECONDS", 0.2)

    with pytest.raises(VerbTimeout, match="shutdown"), bench.opened(kvm="stubborn") as opened:
        opened.shutdown()
    assert bench.left_running() == []


def test_a_fault_of_the_hosts_disk_ends_the_session_and_explains_it(bench: Bench) -> None:
    with bench.opened() as opened:
        os.kill(int(bench.noted("pids")[-1]), signal.SIGUSR1)
        assert opened._machine.wait(SOON)

        with pytest.raises(HostDiskFault, match="could not write the image"):
            opened.call("echo")


def test_a_full_disk_of_the_host_is_told_by_the_folder_of_the_overlay(bench: Bench) -> None:
    with bench.opened() as opened:
        os.kill(int(bench.noted("pids")[-1]), signal.SIGUSR2)
        assert opened._machine.wait(SOON)

        with pytest.raises(HostDiskFull) as full:
            opened.call("echo")
    assert full.value.path == bench.folder / "disks"


def test_a_fault_that_comes_at_the_very_end_is_not_lost(bench: Bench) -> None:
    with bench.opened() as opened:
        opened._watchdog.fault = HostDiskFault("write", "Input/output error")

        with pytest.raises(HostDiskFault):
            opened.shutdown()


def test_a_worker_that_dies_is_told(bench: Bench) -> None:
    with bench.opened() as opened:
        os.kill(opened.worker_pid, signal.SIGKILL)

        with pytest.raises(ApplianceDied):
            opened.call("echo", deadline=SOON)
    assert bench.left_running() == []


def test_a_machine_that_dies_is_told_and_is_no_refusal(bench: Bench) -> None:
    with bench.opened() as opened:
        with pytest.raises(ApplianceDied, match="during crash: its machine is gone"):
            opened.call("crash")

        with pytest.raises(ApplianceDied):
            opened.call("refuse")
    assert bench.left_running() == []


@pytest.mark.parametrize("network", [True, False])
def test_a_session_tells_whether_it_has_a_network_card(bench: Bench, *, network: bool) -> None:
    with bench.opened(network=network) as opened:
        assert opened.network is network
