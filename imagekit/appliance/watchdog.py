"""Watch qemu's own channel (QMP) for disk errors, which libguestfs would wait out for ever.

qemu pauses the machine when the host's disk is full (``werror=enospc``), and the library's call then never
returns. Reporting the error to the guest instead loses data silently: writes, sync and shutdown all say that
they went well. So the machine is ended at the first ``BLOCK_IO_ERROR`` event.
"""

from __future__ import annotations

import contextlib
import threading
from typing import TYPE_CHECKING

from imagekit.appliance.errors import HostDiskFault
from imagekit.appliance.qmp import Qmp
from imagekit.hostdisk import HostDiskFull

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from imagekit.errors import HostError


def fault_of(event: dict[str, object], folder: Path) -> HostError | None:
    """Return the error that a QMP event stands for, or None if it is none of ours."""
    if event.get("event") != "BLOCK_IO_ERROR":
        return None
    data = event.get("data")
    if not isinstance(data, dict) or data.get("action") == "ignore":
        return None
    if data.get("nospace"):
        return HostDiskFull(folder)
    return HostDiskFault(str(data.get("operation", "use")), str(data.get("reason", "I/O error")))


class Watchdog:
    """A thread that listens to one qemu, from the moment its socket is there until it closes."""

    def __init__(self, socket_path: Path, folder: Path, on_fault: Callable[[], None]) -> None:
        self._path = socket_path
        self._folder = folder
        self._on_fault = on_fault
        self.fault: HostError | None = None

    def attach(self) -> None:
        """Connect, leave negotiation mode and listen; call once qemu runs.

        Raises:
            OSError: the socket is not there or does not answer within 10 s.
        """
        with contextlib.ExitStack() as stack:
            channel = stack.enter_context(Qmp.connected(self._path))
            channel.wait_for_ever()
            held = stack.pop_all()
        threading.Thread(target=self._listen, args=(held, channel), name="imagekit-qmp", daemon=True).start()

    def _listen(self, held: contextlib.ExitStack, channel: Qmp) -> None:
        with held:
            try:
                for event in channel.events():
                    self.fault = fault_of(event, self._folder)
                    if self.fault:
                        self._on_fault()
                        return
            except (OSError, ValueError):
                return
