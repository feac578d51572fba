"""One launch of the appliance: a worker, libguestfs, a machine; on failure nothing of them is left."""

from __future__ import annotations

import contextlib
import json
import os
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from imagekit.appliance import shim
from imagekit.appliance.binding import find_interpreter
from imagekit.appliance.channel import Channel, VerbRefused
from imagekit.appliance.errors import ApplianceDied, LaunchFailed, LaunchTimeout, VerbTimeout
from imagekit.appliance.hypervisor import SANDBOX, write_shim, write_warm_shim
from imagekit.appliance.session import Disk, Guard, Machine, Session, Settings
from imagekit.appliance.waking import wake_script
from imagekit.appliance.watchdog import Watchdog

if TYPE_CHECKING:
    from pathlib import Path

    from imagekit.appliance.accel import Accelerator

_SUPERMIN_SECONDS = 90.0

Mode = Literal["cold", "record", "resume"]


@dataclass(frozen=True, slots=True)
class Attempt:
    """One way to try a launch.

    Attributes:
        accelerator: KVM or emulation.
        seconds: how long it may take.
        mode: boot it, boot it so that it can be saved, or resume one that was saved.
        root: the file for the appliance's root, of one that shall be saved.
    """

    accelerator: Accelerator
    seconds: float
    mode: Mode = "cold"
    root: Path | None = None


@dataclass(frozen=True, slots=True)
class Bench:
    """What all attempts of a session share: settings, a private folder with a short path, qemu, and the guard."""

    settings: Settings
    runtime: Path
    qemu: Path
    guard: Guard

    @property
    def qmp(self) -> Path:
        """The socket of qemu's own channel."""
        return self.runtime / "qmp"

    def hypervisor(self, attempt: Attempt) -> Path:
        """Write what libguestfs shall start in place of qemu, and return its path."""
        if attempt.mode == "cold":
            return write_shim(self.runtime, self.qemu)
        return write_warm_shim(
            self.runtime,
            self.qemu,
            find_interpreter(),
            mode=attempt.mode,
            states=self.settings.states,
            root=attempt.root,
        )

    def end(self, session: Session) -> None:
        """End a session of these attempts, and have nobody guard what is gone."""
        session.end()
        self.guard.unguard(session.worker_pid)

    def answer(self) -> dict[str, str]:
        """Return what the shim said of the last attempt to resume: outcome, key, root, why."""
        try:
            answer: dict[str, str] = json.loads((self.runtime / shim.ANSWER).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return answer


def patience(settings: Settings) -> float:
    """Return the seconds that libguestfs may need more, where it has to build its appliance first."""
    built = (settings.cachedir / f".guestfs-{os.geteuid()}" / "appliance.d" / "root").exists()
    return 0.0 if built else _SUPERMIN_SECONDS


def _setup(bench: Bench, attempt: Attempt, disks: tuple[Disk, ...]) -> dict[str, Any]:
    """Return what the worker is told before launch: every option explicit."""
    settings = bench.settings
    return {
        "backend_settings": ["force_kvm" if attempt.accelerator == "kvm" else "force_tcg"],
        "hypervisor": str(bench.hypervisor(attempt)),
        "tmpdir": str(bench.runtime),
        "cachedir": str(settings.cachedir),
        "memory": settings.memory,
        "cpus": settings.cpus,
        "network": settings.network,
        "qemu_options": [["-qmp", f"unix:{bench.qmp},server=on,wait=off"], list(SANDBOX)],
        "disks": [
            {
                "path": str(disk.path),
                "format": disk.format,
                "readonly": disk.readonly,
                "discard": "disable" if disk.readonly else "besteffort",
            }
            for disk in disks
        ],
    }


def launch(bench: Bench, attempt: Attempt, disks: tuple[Disk, ...]) -> Session:
    """Start a worker and have it launch.

    Raises:
        LaunchFailed, LaunchTimeout: the appliance did not come up.
        BindingMissing, ToolMissing: this host lacks something.
    """
    log = bench.runtime / "appliance.log"
    said = log.stat().st_size if log.exists() else 0
    folder = disks[0].path.parent if disks else bench.runtime
    watchdog = Watchdog(bench.qmp, folder, lambda: channel.kill_group())  # noqa: PLW0108  the channel comes after
    channel = Channel(find_interpreter(), log, until=bench.settings.until, fault=lambda: watchdog.fault)
    bench.guard.guard(channel.pid)
    began = time.monotonic()
    try:
        session = _brought_up(bench, attempt, disks, channel, watchdog)
    except BaseException as failure:
        channel.kill()
        bench.guard.unguard(channel.pid)
        if isinstance(failure, VerbTimeout):
            raise LaunchTimeout(attempt.seconds) from failure
        if isinstance(failure, VerbRefused | ApplianceDied | OSError):
            text = failure.text if isinstance(failure, VerbRefused) else str(failure)
            raise LaunchFailed(_reason(text, log, said)) from failure
        raise
    session.launch_seconds = time.monotonic() - began
    return session


def _brought_up(
    bench: Bench, attempt: Attempt, disks: tuple[Disk, ...], channel: Channel, watchdog: Watchdog
) -> Session:
    until = time.monotonic() + attempt.seconds
    opened = channel.call("open", _setup(bench, attempt, disks), deadline=30)
    channel.call("launch", deadline=attempt.seconds)
    pid = channel.call("get_pid", deadline=30)
    with contextlib.ExitStack() as failing:
        machine = Machine(pid)
        failing.callback(machine.close)
        if attempt.mode == "resume":  # qemu is not asked for its channel before the machine has shown that it runs
            channel.call("debug", "sh", [wake_script()], deadline=max(0.1, until - time.monotonic()))
        if attempt.mode != "record":  # qemu talks to one at a time, and this one is talked to by who saves it
            watchdog.attach()
        failing.pop_all()
    session = Session(channel, watchdog, bench.settings, bench.runtime, machine)
    session.accelerator = attempt.accelerator
    session.warm = attempt.mode == "resume"
    session.version = opened["version"]
    return session


def _reason(text: str, log: Path, said: int) -> str:
    """Return one line: what the log of qemu and the worker ends with, else the first line that libguestfs said.

    The first ``said`` bytes of the log are of earlier attempts.
    """
    try:
        lines = log.read_bytes()[said:].decode(errors="replace").splitlines()
    except OSError:
        lines = []
    last = [line for line in lines if line.strip()][-1:]
    first = text.strip().splitlines()[:1]
    return (last or first or ["no reason given"])[0][:500]
