"""Sessions without an appliance: one that answers verbs from a table, and one with a worker that does what a test says."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from imagekit.appliance import channel, launching, opening, warm
from imagekit.appliance.accel import Host, Verdicts
from imagekit.appliance.channel import VerbRefused
from imagekit.appliance.opening import open_session
from imagekit.appliance.session import Disk, Settings
from imagekit.appliance.states import States
from imagekit.events import Notice

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path

    from imagekit.appliance.session import Session
    from imagekit.events import Event


class FakeSession:
    """Answers of a session, by verb: a value, a function of the arguments, an exception, or a list of these in turn.

    A verb that is not in the table is refused, as the binding refuses what it cannot do.
    """

    def __init__(self, runtime: Path) -> None:
        self.runtime = runtime
        self.answers: dict[str, Any] = {}
        self.calls: list[tuple[Any, ...]] = []
        self.deadlines: list[float | None] = []
        self.options: list[dict[str, Any]] = []
        self.network = False

    def call(self, verb: str, *args: Any, deadline: float | None = None, **kwargs: Any) -> Any:
        self.calls.append((verb, *args))
        self.deadlines.append(deadline)
        self.options.append(kwargs)
        answer = self.answers.get(verb, VerbRefused(verb, f"{verb}: not in the table", "RuntimeError"))
        if isinstance(answer, Turns):
            answer = answer.pop(0)
        if callable(answer):
            answer = answer(*args)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def script(self, text: str, *, deadline: float | None = None) -> str:
        return str(self.call("script", text, deadline=deadline))

    def verbs(self) -> list[str]:
        return [verb for verb, *_ in self.calls]


class Turns(list[Any]):
    """Answers that are given one after the other."""


@pytest.fixture
def session(tmp_path: Path) -> FakeSession:
    return FakeSession(tmp_path)


@pytest.fixture
def turns() -> type[Turns]:
    return Turns


@pytest.fixture
def refused():
    """Make a refusal of the binding, with these words."""

    def make(text: str, verb: str = "verb") -> VerbRefused:
        return VerbRefused(verb, text, "RuntimeError")

    return make


SOON = 20
WORKER = r"""
import json, os, signal, socket, sys, threading, time

FOLDER = "@FOLDER@"
setup = {}
machine = 0
mode = "cold"
doing = ""
how = {}


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
    connection = listening.accept()[0]

    def say(document):
        connection.sendall(json.dumps(document).encode() + b"\n")

    def fail(nospace):
        data = {"operation": "write", "action": "stop", "reason": "Input/output error", "nospace": nospace}
        say({"event": "BLOCK_IO_ERROR", "data": data})

    faults = {signal.SIGUSR1, signal.SIGUSR2}
    signal.pthread_sigmask(signal.SIG_BLOCK, faults)
    signal.signal(signal.SIGTERM, signal.SIG_IGN if stubborn else signal.SIG_DFL)
    say({"QMP": {}})

    def watch():
        while True:
            fail(signal.sigwait(faults) == signal.SIGUSR2)

    threading.Thread(target=watch, daemon=True).start()
    while True:
        data, descriptors, _, _ = socket.recv_fds(connection, 1 << 16, 1)
        for descriptor in descriptors:
            os.write(descriptor, b"memory")
            os.close(descriptor)
        for line in data.splitlines():
            asked = json.loads(line)["execute"]
            note("commands", asked)
            say({"return": {"status": how["save"]} if asked == "query-migrate" else {}})
        if not data:
            signal.pause()


def resume(config, doing):
    state = os.path.join(config["states"], "key")
    if doing == "resumed" and not os.path.exists(state):
        doing = "missing"
    with open(os.path.join(FOLDER, "warm-answer.json"), "w") as answer:
        outcome = doing if doing in ("missing", "unfit") else "resumed"
        json.dump({"outcome": outcome, "key": "key", "root": os.path.join(FOLDER, "root"), "why": doing}, answer)
    if doing in ("missing", "unfit", "dead"):
        raise RuntimeError("guestfs_launch failed")


def launch():
    global machine, mode, doing, how
    accelerator = setup["backend_settings"][0].removeprefix("force_")
    if setup["hypervisor"].endswith("warm"):
        with open(os.path.join(FOLDER, "warm.json")) as config:
            config = json.load(config)
        mode = config["mode"]
    note("launches", accelerator if mode == "cold" else accelerator + " " + mode)
    note("pids", os.getpid())
    with open(os.path.join(FOLDER, "how")) as text:
        how = json.load(text)
    doing = how["resume"] if mode == "resume" else how[accelerator]
    if mode == "resume":
        resume(config, doing)
    if doing == "hang" and mode != "resume":
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
    if verb == "debug" and mode == "resume" and doing == "hang":
        time.sleep(1000)
    if verb == "debug" and doing == "deaf":
        raise RuntimeError("date: cannot set date")
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
    """A host whose launches go as a test says: ``work``, ``hang``, ``abort``, ``refuse``, ``no channel``, ``stubborn``.

    To resume goes as the shim would have it go: ``resumed`` if there is a state and ``missing`` if not, ``unfit``,
    ``dead`` before it is asked to wake up, ``hang``, ``deaf`` or ``no channel`` after. To save ends as QMP has it:
    ``completed``, ``failed``, ``active``. A state is good for all machines: its key is ``key``.
    """

    folder: Path
    verdicts: Verdicts
    host: Host
    ended: Callable[[int], bool]
    events: list[Event] = field(default_factory=list)
    guarded: list[int] = field(default_factory=list)

    def goes(self, *, kvm: str = "work", tcg: str = "work", resume: str = "resumed", save: str = "completed") -> None:
        """Have the next launches go like this."""
        (self.folder / "how").write_text(json.dumps({"kvm": kvm, "tcg": tcg, "resume": resume, "save": save}))

    def settings(self, **settings: Any) -> Settings:
        return Settings(
            **{
                "cachedir": self.folder,
                "launch_seconds": SOON,
                "warm": False,
                "states": self.folder / "states",
                **settings,
            }
        )

    @property
    def disks(self) -> tuple[Disk, ...]:
        return (Disk(self.folder / "disks" / "overlay", "qcow2"), Disk(self.folder / "seed", "raw", readonly=True))

    @property
    def states(self) -> States:
        return States(self.folder / "states")

    def opened(
        self, *, kvm: str = "work", tcg: str = "work", resume: str = "resumed", save: str = "completed", **settings: Any
    ) -> AbstractContextManager[Session]:
        self.goes(kvm=kvm, tcg=tcg, resume=resume, save=save)
        return open_session(
            self.disks,
            self.settings(**settings),
            self.folder,
            guard=self,
            verdicts=self.verdicts,
            on_event=self.events.append,
        )

    def told(self) -> list[str]:
        """Return the notices since the last time."""
        found = [event.text for event in self.events if isinstance(event, Notice)]
        self.events.clear()
        return found

    def guard(self, pid: int) -> None:
        self.guarded.append(pid)

    def unguard(self, pid: int) -> None:
        assert self.ended(pid)
        self.guarded.remove(pid)

    def noted(self, name: str) -> list[str]:
        """Return what the workers noted since the last time."""
        path = self.folder / name
        found = path.read_text().splitlines() if path.exists() else []
        path.unlink(missing_ok=True)
        return found

    def left_running(self) -> list[int]:
        """Return the workers and machines that are still there after a while."""
        return [pid for pid in map(int, self.noted("pids")) if not self.ended(pid)]


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ended: Callable[[int], bool]) -> Bench:
    qemu = tmp_path / "qemu-system"
    qemu.write_text("")
    (tmp_path / "root").write_bytes(bytes(4096))
    (tmp_path / "worker.py").write_text(WORKER.replace("@FOLDER@", str(tmp_path)))
    monkeypatch.setattr(channel, "WORKER", tmp_path / "worker.py")
    monkeypatch.setattr(launching, "find_interpreter", lambda: sys.executable)
    monkeypatch.setattr(launching, "_SUPERMIN_SECONDS", 0.0)
    monkeypatch.setattr(opening, "find_qemu", lambda: qemu)
    for module in (opening, warm):
        monkeypatch.setattr(module, "device_usable", lambda: True)
        monkeypatch.setattr(module, "KVM_LAUNCH_SECONDS", float(SOON))
    return Bench(tmp_path, Verdicts(tmp_path / "cache"), Host.here(qemu), ended)
