"""How many jobs a host takes at a time: what it has, what one appliance needs, and which of them binds."""

from __future__ import annotations

import contextlib
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import psutil

from imagekit.errors import ImageError
from imagekit.images.safety import ImageLimits, check_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from imagekit.engine.options import Options

Limit = Literal["cores", "memory", "disk"]
_MIB = 1 << 20
_QEMU = 100 * _MIB
"""What qemu takes above the memory of its machine; measured, for the appliance of libguestfs 1.48 and qemu 7.2."""
_PROCESSES = 150 * _MIB
"""What imagekit, the worker and the binding take; measured."""
_CGROUPS = Path("/sys/fs/cgroup")
_OWN_CGROUP = Path("/proc/self/cgroup")


@dataclass(frozen=True, slots=True)
class Capacity:
    """What a host has to give now: cores, and bytes of memory and of disk."""

    cores: float
    memory: int
    disk: int

    @classmethod
    def here(cls, folder: Path) -> Capacity:
        """Return what this process may use, in its control groups too; disk where ``folder`` is, or will be made."""
        there = next(each for each in (folder.absolute(), *folder.absolute().parents) if each.is_dir())
        limits = tuple(_limits(_CGROUPS, _OWN_CGROUP))
        return cls(
            cores=min([float(len(os.sched_getaffinity(0))), *(cores for cores, _ in limits)]),
            memory=int(min([psutil.virtual_memory().available, *(memory for _, memory in limits)])),
            disk=shutil.disk_usage(there).free,
        )


@dataclass(frozen=True, slots=True)
class Need:
    """What one job takes while it runs: cores, and bytes of memory and of disk."""

    cores: float
    memory: int
    disk: int

    @classmethod
    def of(cls, options: Options, images: Iterable[Path]) -> Need:
        """Return what a job over the largest of these images takes; images that cannot be opened take nothing."""
        memory = options.memory * _MIB + _QEMU + _PROCESSES
        return cls(float(options.cpus), memory, max((_disk_of(path) for path in images), default=0))


@dataclass(frozen=True, slots=True)
class Bound:
    """How many jobs run at a time, and what there would have to be more of for another one."""

    count: int
    limit: Limit

    @property
    def words(self) -> str:
        """The bound in a few words."""
        limit = {"cores": "a core each", "memory": "free memory allows no more", "disk": "free disk allows no more"}
        return f"{self.count} at a time: {limit[self.limit]}"


def at_a_time(capacity: Capacity, need: Need) -> Bound:
    """Return how many jobs to run at a time; at least one, since it may turn out to need less.

    One a core: without KVM an appliance keeps a core busy for some 60 % of its time, so that a third one on two
    cores makes a farm a little faster and each of its jobs much slower, for another GiB of memory.
    """
    fitting: tuple[tuple[float, Limit], ...] = (
        (capacity.cores / need.cores, "cores"),
        (capacity.memory / need.memory, "memory"),
        (capacity.disk / need.disk if need.disk else float("inf"), "disk"),
    )
    count, limit = min(fitting)
    return Bound(max(1, int(count)), limit)


def on_this_host(folder: Path, options: Options, images: Sequence[Path]) -> Bound:
    """Return how many jobs over these images to run here at a time, with their outputs in a folder; see ``at_a_time``."""
    return at_a_time(Capacity.here(folder), Need.of(options, images)) if images else Bound(1, "cores")


def _disk_of(path: Path) -> int:
    """Return the bytes that an overlay and an output take at the most: those of the disk, or a fifth above the file."""
    try:
        image = check_file(path, limits=ImageLimits())
    except ImageError:
        return 0
    return min(image.virtual_size, image.file_size * 6 // 5)


def _limits(root: Path, own: Path) -> Iterator[tuple[float, float]]:
    """Yield cores and free bytes of memory of each control group (version 2) that this process is in; inf is no limit."""
    with contextlib.suppress(OSError):
        lines = own.read_text().splitlines()
        path = next((line[3:] for line in lines if line.startswith("0::/")), "")
        group = root / path.lstrip("/") if path else None
        for each in (group, *group.parents) if group else ():
            if each.is_relative_to(root):
                yield _cores(each), _memory(each)


def _cores(group: Path) -> float:
    """Return the quota of a group's cpu.max, "MAX PERIOD" in microseconds, as cores."""
    quota, _, period = _text(group / "cpu.max").partition(" ")
    return int(quota) / int(period) if quota.isdigit() and period.isdigit() else float("inf")


def _memory(group: Path) -> float:
    """Return what is left of a group's memory.max; pages of files that were not used lately can be had back."""
    most, used = _text(group / "memory.max"), _text(group / "memory.current")
    if not most.isdigit() or not used.isdigit():
        return float("inf")
    statistics = dict(line.split(" ", 1) for line in _text(group / "memory.stat").splitlines() if " " in line)
    return max(0, int(most) - int(used) + int(statistics.get("inactive_file", "0")))


def _text(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError:
        return ""
