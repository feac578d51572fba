"""From a guest with every step applied to a file that may be published: trimmed, unmounted, checked, written out."""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import signal
import time
from typing import TYPE_CHECKING, TypeVar

from imagekit.appliance.fsck import check_filesystems
from imagekit.engine.beside import Beside
from imagekit.engine.opened import stage
from imagekit.events import Notice, OnEvent, StageFinished, StageStarted

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from imagekit.appliance.layout import Mount
    from imagekit.engine.opened import Opened

    T = TypeVar("T")

_TRIM_SECONDS = 600.0
_TRIMMED = ("ext4", "xfs", "btrfs")
_LIST = """
while read -r device at _; do
    case $at in /sysroot|/sysroot/*) printf 'mounted %s %s\\n' "$device" "$at" ;; esac
done < /proc/self/mounts
""".strip()
_CHECK, _STOP = "check file systems", "stop appliance"


def finish(image: Opened, write: Callable[[], T], on_event: OnEvent) -> T:
    """Unmount the guest, check its file systems, stop its machine, and return what ``write`` made of the overlay.

    The overlay is written out while the file systems are checked: the guest is unmounted and its disks are flushed by
    then, the check only reads, and whatever writes to the overlay all the same, such as a repair, is seen by the time
    of its last write. Then it is written out anew once the machine has stopped.

    Args:
        image: a built guest, still mounted.
        write: reads the overlay and starts its own processes; called once or twice.
        on_event: gets the stages; those two overlap.

    Raises:
        FilesystemDamaged: a file system has errors.
        ApplianceError: the machine did not come to its end; writes may be lost.
    """
    with stage("trim", on_event):
        kernel_names = _settle(image, on_event)
    seen = _written(image.overlay)
    on_event(StageStarted(_CHECK))
    check = Beside(lambda: _check_and_stop(image, kernel_names))
    try:
        made = write()
        stopping = check.result()
    except BaseException:
        _abandon(image, check)
        raise
    on_event(StageFinished(_CHECK, check.seconds - stopping))
    on_event(StageStarted(_STOP))
    on_event(StageFinished(_STOP, stopping))
    return made if _written(image.overlay) == seen else write()


def _check_and_stop(image: Opened, kernel_names: Mapping[str, str]) -> float:
    """Check the file systems, stop the machine, and return how many seconds the latter took."""
    check_filesystems(image.session, image.layout, kernel_names)
    began = time.monotonic()
    image.session.shutdown()
    return time.monotonic() - began


def _written(overlay: Path) -> tuple[int, int]:
    found = overlay.stat()
    return found.st_size, found.st_mtime_ns


def _abandon(image: Opened, check: Beside[float]) -> None:
    """End the machine under a check that nobody waits for any more, so that its thread ends too."""
    if check.running:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(image.session.worker_pid, signal.SIGKILL)
    check.wait()


def _settle(image: Opened, on_event: OnEvent) -> dict[str, str]:
    """Give free blocks back, unmount, and have all of it in the overlay; what cannot be trimmed is only larger.

    Returns:
        guestfs(3)'s name of a device that was mounted -> the kernel's.
    """
    said = image.session.script(settle_script(image.layout.mounts), deadline=_TRIM_SECONDS)
    mounted: dict[str, str] = {}
    for line in said.splitlines():
        what, _, rest = line.partition(" ")
        if what == "mounted":
            device, _, where = rest.partition(" ")
            mounted[_unescaped(where).removeprefix("/sysroot") or "/"] = device
        elif what == "untrimmed":
            where, _, reason = rest.partition(": ")
            on_event(Notice(f"{where} was not trimmed: {reason.replace('/sysroot', '') or 'no reason given'}"))
    return {mount.device: mounted[mount.mountpoint] for mount in image.layout.mounts if mount.mountpoint in mounted}


def _unescaped(path: str) -> str:
    r"""Return a path of proc_pid_mounts(5) as it is: blanks and backslashes in it are ``\040`` and the like."""
    return re.sub(r"\\([0-7]{3})", lambda byte: chr(int(byte[1], 8)), path)


def settle_script(mounts: tuple[Mount, ...]) -> str:
    """Return what trims these, unmounts all, and flushes the disks.

    It prints what the kernel has mounted where, and what was not trimmed, a line each.

    guestfs(3)'s own verbs do the same in three calls, each with a flush of every disk before or after.
    ext4 trims only what is free in a committed transaction, hence the sync before; the last one makes qemu write what
    it still holds of its own tables, since fsync(2) of a disk is a flush of its cache.
    """
    lines = ["sync", _LIST]
    for mount in mounts:
        if mount.type in _TRIMMED:
            inside = shlex.quote(f"/sysroot{mount.mountpoint.rstrip('/')}")
            lines.append(f"said=$(fstrim {inside} 2>&1) || echo untrimmed {shlex.quote(mount.mountpoint)}: $said")
    return "\n".join([*lines, "umount -R /sysroot || exit 1", "sync /dev/[hsv]d[a-z]"])
