"""A running appliance: what may be asked of it, and how it ends."""

from __future__ import annotations

import os
import select
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from imagekit.appliance.channel import Channel, VerbRefused
from imagekit.appliance.errors import ApplianceDied, VerbTimeout
from imagekit.appliance.states import states_folder

if TYPE_CHECKING:
    from imagekit.appliance.accel import Accelerator
    from imagekit.appliance.watchdog import Watchdog

_EXIT_SECONDS = 30.0
_LAST_BREATH = 2.0
_CLOSED = "appliance closed the connection"  # libguestfs, lib/proto.c


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
        warm: resume an appliance that was saved, and save one if there is none that fits.
        states: the folder of the saved ones.
    """

    memory: int = 1024
    cpus: int = 1
    network: bool = False
    launch_seconds: float = 180.0
    verb_seconds: float = 300.0
    until: float | None = None
    cachedir: Path = field(default_factory=lambda: Path("/var/tmp"))  # noqa: S108  libguestfs' own default, shared with it
    warm: bool = True
    states: Path = field(default_factory=states_folder)


class Guard(Protocol):
    """What outlives this process, should that be killed, and then ends the process groups that it was told of."""

    def guard(self, pid: int) -> None:
        """Take in a process group; called as soon as there is one."""

    def unguard(self, pid: int) -> None:
        """Forget a process group that has ended, since its number may be given to another."""


class Nobody:
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
        self.warm = False
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
