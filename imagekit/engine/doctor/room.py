"""Room where it is needed: for the appliance, for throw-away overlays, and for outputs."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import psutil

from imagekit.engine.doctor.check import Check

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from imagekit.engine.doctor.host import Host

_GIB = 1 << 30
_APPLIANCE = _GIB
"""An appliance of libguestfs takes 0.7 GiB (measured: 1.48 on Debian 12), and the old one stays until the new is there."""
_LEAST = 64 << 20


def check_room(host: Host) -> Iterator[Check]:
    """Yield a check for each folder that a build writes to."""
    built = (host.cache / f".guestfs-{os.geteuid()}" / "appliance.d" / "root").exists()
    cache = "set nothing: it is built already" if built else "libguestfs builds its appliance there once"
    yield _check("room for appliance", host.cache, _LEAST if built else _APPLIANCE, cache)
    yield _check("room for plans", host.temporary, _GIB, "set TMPDIR to a folder with more room")
    yield _check("room for outputs", host.here, 2 * _GIB, "work in a folder with more room, or give -o")


def _check(name: str, folder: Path, enough: int, hint: str) -> Check:
    try:
        free = shutil.disk_usage(folder).free
    except OSError as error:
        return Check(name=name, state="fail", detail=f"{folder}: {error.strerror}", fix=f"mkdir -p {folder}")
    if not os.access(folder, os.W_OK | os.X_OK):
        return Check(name=name, state="fail", detail=f"{folder} cannot be written to by this user")
    told = f"{free / _GIB:.1f} GiB free in {folder}"
    if free >= enough:
        return Check(name=name, state="ok", detail=told)
    state = "fail" if free < _LEAST else "warn"
    return Check(name=name, state=state, detail=f"{told}; {enough / _GIB:.1f} GiB are better", fix=hint)


def check_memory(available: int | None = None, wanted: int = 1024) -> Check:
    """Is there memory for the appliance (``wanted`` MiB), and some for qemu itself?"""
    free = psutil.virtual_memory().available if available is None else available
    told = f"{free / _GIB:.1f} GiB available"
    if free < (wanted << 20) + (256 << 20):
        return Check(
            name="memory",
            state="warn",
            detail=f"{told}; the appliance takes {wanted} MiB",
            fix="imagekit --memory 512 …",
        )
    return Check(name="memory", state="ok", detail=told)
