"""One launch of the appliance: from nothing to a machine that answers, and to nothing again."""

from __future__ import annotations

import contextlib
import os
import select
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from imagekit.appliance.accel import KVM_LAUNCH_SECONDS, Host, Verdicts, cache_folder, device_usable
from imagekit.appliance.binding import find_interpreter
from imagekit.appliance.channel import Channel, VerbRefused
from imagekit.appliance.errors import ApplianceDied, LaunchFailed, LaunchTimeout, VerbTimeout
from imagekit.appliance.hypervisor import SANDBOX, find_qemu, write_shim
from imagekit.appliance.watchdog import Watchdog
from imagekit.events import Notice, OnEvent, silent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from imagekit.appliance.accel import Accelerator

_SUPERMIN_SECONDS = 90.0
_EXIT_SECONDS = 30.0
_LAST_BREATH = 2.0
_CLOSED = "appliance closed the connection"  # libguestfs, lib/proto.c
_NO_KVM = "KVM is there but does not work on this host; going on with emulation, which is slower"


@dataclass(frozen=True, slots=True)
class Disk:
    """One disk of the appliance: a host file with its format told, never probed."""

    path: Path
    format: str
    readonly: bool = False


@dataclass(frozen=True, slots=True)
class Settings:
    """How the appliance is made.

    Attributes:
        memory: MiB of the appliance's memory.
        cpus: its processors.
        network: give it a network card; steps still reach it only while they run.
        launch_seconds: how long a launch under emulation may take.
        verb_seconds: how long any one call may take, but for guest programs.
        until: ``time.monotonic()`` by which the whole build must have ended, or None.
        cachedir: where libguestfs keeps the appliance that it builds once per user.
    """

    memory: int = 1024
    cpus: int = 1
    network: bool = False
    launch_seconds: float = 180.0
    verb_seconds: float = 300.0
    until: float | None = None
    cachedir: Path = field(default_factory=lambda: Path("/var/tmp"))  # noqa: S108  libguestfs' own default, shared with it


class Guard(Protocol):
    """What outlives this process, should that be killed, and then ends the process groups that it was told of."""

    def guard(self, pid: int) -> None:
        """Take in a process group; called as soon as there is one."""

    def unguard(self, pid: int) -> None:
        """Forget a process group that has ended, since its number may be given to another."""


class _Nobody:
    """Guards nothing."""

    def guard(self, pid: int) -> None:
        """Take no notice."""

    unguard = guard


class Machine:
    """The qemu of a session, which is its worker's child and not ours.

    libguestfs does not wait for it at shutdown unless it runs a recovery process (lib/launch-direct.c), and until it
    is gone it holds its locks on the disks.
    """

    def __init__(self, pid: int) -> None:
        self._descriptor = os.pidfd_open(pid)

    def wait(self, seconds: float) -> bool:
        """Wait until the process has ended; tell whether it did in time."""
        return bool(select.select([self._descriptor], [], [], seconds)[0])

    def close(self) -> None:
        """Give the descriptor back."""
        os.close(self._descriptor)


class Session:
    """A running appliance. Verbs are guestfs(3)'s; see ``call``."""

    def __init__(
        self, channel: Channel, watchdog: Watchdog, settings: Settings, runtime: Path, machine: Machine
    ) -> None:
        self._channel = channel
        self._machine = machine
        self._watchdog = watchdog
        self._settings = settings
        self.runtime = runtime
        self.accelerator: Accelerator = "tcg"
        self.launch_seconds = 0.0
        self.version = ""

    @property
    def network(self) -> bool:
        """Whether the appliance has a network card."""
        return self._settings.network

    @property
    def worker_pid(self) -> int:
        """The process group of the worker and its qemu."""
        return self._channel.pid

    def call(self, verb: str, *args: Any, deadline: float | None = None, **kwargs: Any) -> Any:
        """Call one guestfs verb and return what it returns.

        Raises:
            VerbRefused: guestfs said no, in its own words.
            VerbTimeout, BuildTimeout, ApplianceDied, HostDiskFull, HostDiskFault: the session is over.
        """
        try:
            return self._channel.call(verb, *args, deadline=deadline or self._settings.verb_seconds, **kwargs)
        except VerbRefused as refused:
            # A machine that dies closes its files a moment before it is gone.
            if self._machine.wait(_LAST_BREATH if _CLOSED in refused.text else 0):
                raise self._watchdog.fault or ApplianceDied(verb, "its machine is gone") from refused
            raise

    def script(self, text: str, *, deadline: float | None = None) -> str:
        """Run a shell script in the appliance, outside the guest, and return its stdout (at most 4 MB).

        guestfs(3) calls ``debug`` internal; it has been the same since 1.0 and is the only way to give a guest
        program a namespace of its own, an exit status, and a limit on its output.
        """
        return str(self.call("debug", "sh", [text], deadline=deadline))

    def shutdown(self) -> None:
        """Unmount, sync and stop the machine; an error here means that writes were lost, so it is raised."""
        self.call("umount_all")
        self.call("shutdown")
        if not self._machine.wait(_EXIT_SECONDS):
            raise VerbTimeout("shutdown", _EXIT_SECONDS)
        if self._watchdog.fault:
            raise self._watchdog.fault

    def end(self) -> None:
        """End the worker and the machine, whatever they do, and wait until both are gone."""
        self._channel.kill()
        self._machine.wait(_EXIT_SECONDS)
        self._machine.close()


@dataclass(frozen=True, slots=True)
class _Attempt:
    """One way to try a launch."""

    accelerator: Accelerator
    seconds: float


def _attempts(known: Accelerator | None, settings: Settings) -> tuple[_Attempt, ...]:
    """Return the launches to try, in order. A launch of libguestfs 1.48 can hang once in a while: one more try."""
    tcg = _Attempt("tcg", settings.launch_seconds)
    built = (settings.cachedir / f".guestfs-{os.geteuid()}" / "appliance.d" / "root").exists()
    patience = 0.0 if built else _SUPERMIN_SECONDS
    if known == "tcg" or not device_usable():
        return (tcg, tcg)
    if known == "kvm":
        return (_Attempt("kvm", settings.launch_seconds), tcg)
    return (_Attempt("kvm", KVM_LAUNCH_SECONDS + patience), tcg, tcg)


@contextlib.contextmanager
def open_session(
    disks: tuple[Disk, ...],
    settings: Settings,
    runtime: Path,
    *,
    guard: Guard | None = None,
    verdicts: Verdicts | None = None,
    on_event: OnEvent = silent,
) -> Iterator[Session]:
    """Launch an appliance with these disks; nothing of it is left on any way out.

    Args:
        disks: host files, in the order in which they become /dev/sda, /dev/sdb …
        settings: memory, processors, network, deadlines.
        runtime: a private folder with a short path, for sockets and bulk data; its owner removes it.
        guard: is told of every worker that runs, from its start to its end.
        verdicts: what is known of KVM; the user's cache by default.
        on_event: gets a Notice when emulation has to stand in for a KVM that does not work.

    Raises:
        BindingMissing, ToolMissing: this host lacks something.
        LaunchFailed, LaunchTimeout: the appliance did not come up.
    """
    qemu = find_qemu()
    shim = write_shim(runtime, qemu)
    known = verdicts or Verdicts(cache_folder())
    watched = guard or _Nobody()

    def launch(attempt: _Attempt) -> Session:
        return _launch(attempt, disks, settings, runtime, shim, watched)

    session = _come_up(launch, settings, Host.here(qemu), known, on_event)
    try:
        yield session
    finally:
        session.end()
        watched.unguard(session.worker_pid)


def _come_up(
    launch: Callable[[_Attempt], Session], settings: Settings, host: Host, verdicts: Verdicts, on_event: OnEvent
) -> Session:
    """Try the launches that make sense on this host, and remember what was learnt of its KVM."""
    known = verdicts.recall(host)
    attempts = _attempts(known, settings)
    refused_kvm = ""
    for number, attempt in enumerate(attempts, 1):
        try:
            session = launch(attempt)
        except (LaunchFailed, LaunchTimeout) as error:
            if attempt.accelerator == "kvm":
                refused_kvm = str(error)
                on_event(Notice(_NO_KVM))
            elif number == len(attempts) or isinstance(error, LaunchFailed):
                raise
            continue
        if refused_kvm and known == "kvm":
            verdicts.forget(host)  # it worked once, so the next launch finds out anew
        elif known != session.accelerator and (refused_kvm or session.accelerator == "kvm"):
            verdicts.remember(host, session.accelerator, refused_kvm or "an appliance came up with it")
        return session
    raise AssertionError("the last attempt returns or raises")


def _setup(attempt: _Attempt, disks: tuple[Disk, ...], settings: Settings, runtime: Path, shim: Path) -> dict[str, Any]:
    """Return what the worker is told before launch: every option explicit."""
    return {
        "backend_settings": ["force_kvm" if attempt.accelerator == "kvm" else "force_tcg"],
        "hypervisor": str(shim),
        "tmpdir": str(runtime),
        "cachedir": str(settings.cachedir),
        "memory": settings.memory,
        "cpus": settings.cpus,
        "network": settings.network,
        "qemu_options": [["-qmp", f"unix:{_qmp(runtime)},server=on,wait=off"], list(SANDBOX)],
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


def _qmp(runtime: Path) -> Path:
    return runtime / "qmp"


def _launch(
    attempt: _Attempt, disks: tuple[Disk, ...], settings: Settings, runtime: Path, shim: Path, guard: Guard
) -> Session:
    """Start a worker and have it launch; on failure nothing of it is left."""
    log = runtime / "appliance.log"
    said = log.stat().st_size if log.exists() else 0
    folder = disks[0].path.parent if disks else runtime
    watchdog = Watchdog(_qmp(runtime), folder, lambda: channel.kill_group())  # noqa: PLW0108  the channel comes after
    channel = Channel(find_interpreter(), log, until=settings.until, fault=lambda: watchdog.fault)
    guard.guard(channel.pid)
    began = time.monotonic()
    try:
        opened = channel.call("open", _setup(attempt, disks, settings, runtime, shim), deadline=30)
        channel.call("launch", deadline=attempt.seconds)
        pid = channel.call("get_pid", deadline=30)
        watchdog.attach()
        machine = Machine(pid)
    except BaseException as failure:
        channel.kill()
        guard.unguard(channel.pid)
        if isinstance(failure, VerbTimeout):
            raise LaunchTimeout(attempt.seconds) from failure
        if isinstance(failure, VerbRefused | ApplianceDied | OSError):
            text = failure.text if isinstance(failure, VerbRefused) else str(failure)
            raise LaunchFailed(_reason(text, log, said)) from failure
        raise
    session = Session(channel, watchdog, settings, runtime, machine)
    session.accelerator = attempt.accelerator
    session.launch_seconds = time.monotonic() - began
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
