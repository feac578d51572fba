"""Boot an appliance once, on blank disks, and save it: its memory, its devices, and what it wrote to its own root."""

from __future__ import annotations

import os
import platform
import time
from typing import TYPE_CHECKING

from imagekit.appliance import reseed
from imagekit.appliance.launching import Attempt, Bench, launch
from imagekit.appliance.qmp import Qmp
from imagekit.appliance.session import Disk
from imagekit.appliance.shim import ROOT, STATE
from imagekit.appliance.waking import sleep_script
from imagekit.errors import HostError
from imagekit.hostdisk import flush, in_mib
from imagekit.process import Limits, run

if TYPE_CHECKING:
    from pathlib import Path

    from imagekit.appliance.accel import Accelerator
    from imagekit.appliance.states import States

_BLANK_BYTES = 1 << 20
_SPARE_BYTES = 256 << 20
_SAVE_SECONDS = 120.0
_POLL_SECONDS = 0.02
_NO_LIMIT = 1 << 40
"""Bytes a second; qemu's own limit is meant for networks."""


class CannotSave(HostError):
    """An appliance came up but could not be saved."""

    code = "IK-HOST-014"

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"a warm appliance could not be saved: {reason}")


def record(
    bench: Bench,
    disks: tuple[Disk, ...],
    accelerator: Accelerator,
    seconds: float,
    root: Path,
    key: str,
    states: States,
) -> None:
    """Make the state for a key; call while ``states.writing()``.

    Args:
        bench: settings and folders of the session that wants it.
        disks: its disks; blank ones of the same number and kind take their places.
        accelerator: KVM or emulation.
        seconds: how long the appliance may take to boot.
        root: the file with the appliance's root, which only libguestfs knows.
        key: the name of the state.
        states: where it goes.

    Raises:
        LaunchFailed, LaunchTimeout: the appliance did not come up.
        CannotSave, OSError, ToolFailed, ToolMissing, VerbRefused, ApplianceDied: it could not be saved.
    """
    code = reseed.program(platform.machine())
    if code is None:
        raise CannotSave(f"there is no way yet to renew its random numbers on {platform.machine()}")
    with states.fresh() as folder:
        _make_room(folder, bench.settings.memory)
        attempt = Attempt(accelerator, seconds, "record", root=_own_root(folder, root))
        session = launch(bench, attempt, _blanks(bench.runtime, disks))
        try:
            session.script(sleep_script(code))
            with Qmp.connected(bench.qmp) as qmp:
                _save(qmp, folder / STATE)
        finally:
            bench.end(session)
        for name in (STATE, ROOT):
            flush(folder / name)
        states.publish(folder, key, _title(bench, accelerator, len(disks)))


def _title(bench: Bench, accelerator: Accelerator, disks: int) -> str:
    settings = bench.settings
    parts = [accelerator.upper(), f"{settings.memory} MiB", f"{settings.cpus} CPU", f"{disks} disk{'s'[: disks != 1]}"]
    return ", ".join([*parts, "network"] if settings.network else parts)


def _make_room(folder: Path, memory: int) -> None:
    found = os.statvfs(folder)
    free, needed = found.f_bavail * found.f_frsize, (memory << 20) + _SPARE_BYTES
    if free < needed:
        raise CannotSave(f"{folder.parent} has {in_mib(free)} left, and it may take {in_mib(needed)}")


def _own_root(folder: Path, root: Path) -> Path:
    """Lay a file over the appliance's root that takes what this one machine writes."""
    own = folder / ROOT
    run(["qemu-img", "create", "-q", "-f", "qcow2", "-F", "raw", "-b", root, own], limits=Limits(seconds=60))
    return own


def _blanks(folder: Path, disks: tuple[Disk, ...]) -> tuple[Disk, ...]:
    """Return a blank for each disk, of a size that no image has."""
    made = []
    for number, disk in enumerate(disks):
        path = folder / f"blank{number}"
        with path.open("wb") as file:
            file.truncate(_BLANK_BYTES)
        made.append(Disk(path, "raw", readonly=disk.readonly))
    return tuple(made)


def _save(qmp: Qmp, state: Path) -> None:
    """Have qemu write the machine's memory and devices to a file; it runs until then, and will when it is resumed."""
    qmp.execute("migrate-set-parameters", max_bandwidth=_NO_LIMIT)
    qmp.pass_file("state", state, os.O_CREAT | os.O_EXCL | os.O_WRONLY)
    qmp.execute("migrate", uri="fd:state")
    until = time.monotonic() + _SAVE_SECONDS
    while (status := qmp.execute("query-migrate").get("status")) != "completed":
        if status in ("failed", "cancelled") or time.monotonic() > until:
            raise CannotSave(f"qemu could not write its memory ({status})")
        time.sleep(_POLL_SECONDS)
