"""Run a machine until its guest powers off, or for as long as it may take."""

from __future__ import annotations

import contextlib
import math
import os
import selectors
import socket
import tempfile
import time
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Literal, Self

from imagekit.process import ending, spawn
from imagekit.vm.errors import MachineDied
from imagekit.vm.machine import Channels, argv
from imagekit.vm.monitor import GREET, POWER_DOWN, MonitorReader
from imagekit.vm.probe import PORT, Report, is_complete, parse_report
from imagekit.vm.serial import Tail

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from imagekit.vm.machine import Machine

_SERIAL_LIMIT = 4 << 20
_REPORT_LIMIT = 64 << 10
_GRACE = 30.0
"""Seconds that a guest has to obey the power button before it is killed."""
_SETTLE = 120.0
"""Seconds that a guest has to power off once its probe has said everything; by emulation it takes some twenty."""


@dataclass(frozen=True, slots=True)
class BootResult:
    """How a boot ended.

    Attributes:
        ended: ``powered-off`` by the guest; ``reset``: the guest restarted itself, which ends a boot too;
            ``deadline``: it was still up, or did not go down after its report, and obeyed its power button;
            ``killed``: it did not obey that.
        seconds: from the start of qemu to its end.
        serial: the last 4 MiB of what the guest said on its first serial line.
        report: what the probe said, if the image has one.
    """

    ended: Literal["powered-off", "reset", "deadline", "killed"]
    seconds: float
    serial: str
    report: Report


def boot(machine: Machine, *, deadline: float, grace: float = _GRACE, settle: float = _SETTLE) -> BootResult:
    """Run the machine to its end; qemu is gone when this returns, however it does.

    Args:
        machine: what to run; its first drive is written to, so it should be an overlay.
        deadline: seconds until the power button is pressed.
        grace: seconds after that until the machine is killed.
        settle: seconds from the end of the probe's report until the power button is pressed, if that is sooner.

    Raises:
        MachineDied: qemu ended by itself without the guest having asked for it.
        ToolMissing: qemu is not installed.
    """
    started = time.monotonic()
    with tempfile.TemporaryFile() as complaints, _sockets() as (ours, theirs):
        channels = Channels(*(end.fileno() for end in theirs))
        words = argv(machine, channels, probe_port=PORT)
        child = spawn(words, stderr=complaints.fileno(), pass_fds=channels.numbers)
        with ending(child), _Watch(child.pid, ours, settle) as watch:
            for end in theirs:
                end.close()
            watch.send(GREET)
            in_time = watch.until(started + deadline)
            if not in_time:
                watch.send(POWER_DOWN)
            gone = in_time or watch.until(time.monotonic() + grace, pressed=True)
            status = child.wait() if gone else 0
        if in_time and watch.monitor.ending == "killed":
            raise MachineDied(status, _text(complaints))
        ended = watch.monitor.ending if in_time else "deadline" if gone else "killed"
        return BootResult(ended, time.monotonic() - started, watch.serial.text, parse_report(watch.probe.text))


class _Watch:
    """Listens to everything that a running machine says, until its process ends."""

    def __init__(self, pid: int, ours: tuple[socket.socket, ...], settle: float) -> None:
        self.monitor = MonitorReader()
        self.serial = Tail(_SERIAL_LIMIT)
        self.probe = Tail(_REPORT_LIMIT)
        self._settle = settle
        self._down_by = math.inf
        self._control = ours[0]
        self._pidfd = os.pidfd_open(pid)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._pidfd, selectors.EVENT_READ)
        listeners: tuple[Callable[[bytes], None], ...] = (self.monitor.feed, self.serial.feed, self._take_report)
        for end, listener in zip(ours, listeners, strict=True):
            self._selector.register(end, selectors.EVENT_READ, listener)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._selector.close()
        os.close(self._pidfd)

    def send(self, command: bytes) -> None:
        """Give qemu a command; one that is already gone takes none."""
        with contextlib.suppress(OSError):
            self._control.sendall(command)

    def _take_report(self, data: bytes) -> None:
        """Take what the probe says; once it has said everything, the guest is to go down."""
        self.probe.feed(data)
        if self._down_by == math.inf and is_complete(self.probe.text):
            self._down_by = time.monotonic() + self._settle

    def until(self, moment: float, *, pressed: bool = False) -> bool:
        """Listen until the machine ends (True) or the moment has come (False); a report may bring that nearer.

        Once the power button was ``pressed``, it does no more.
        """
        while (left := (moment if pressed else min(moment, self._down_by)) - time.monotonic()) > 0:
            ready = [key for key, _ in self._selector.select(left)]
            heard = [self._hear(key) for key in ready if key.data]
            # The process may be gone with words still in the sockets: those are read to their end first.
            if any(key.data is None for key in ready) and not any(heard):
                return True
        return False

    def _hear(self, key: selectors.SelectorKey) -> bool:
        """Take what a socket has; one that is closed is listened to no more."""
        end: socket.socket = key.fileobj  # type: ignore[assignment]  # only sockets are registered with a listener
        try:
            data = end.recv(1 << 16)
        except ConnectionError:
            data = b""
        if data:
            key.data(data)
        else:
            self._selector.unregister(end)
        return bool(data)


@contextlib.contextmanager
def _sockets() -> Iterator[tuple[tuple[socket.socket, ...], tuple[socket.socket, ...]]]:
    """Three connected pairs, our ends and qemu's: no path, no race, nothing to remove."""
    with contextlib.ExitStack() as stack:
        pairs = [socket.socketpair() for _ in range(3)]
        for pair in pairs:
            for end in pair:
                stack.enter_context(end)
        ours, theirs = zip(*pairs, strict=True)
        yield ours, theirs


def _text(complaints: IO[bytes]) -> str:
    complaints.seek(0)
    return complaints.read(1 << 16).decode(errors="replace")
