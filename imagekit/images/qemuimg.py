"""The one place that calls qemu-img: the format is told in every call, and every call has limits."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from imagekit import process
from imagekit.images.errors import CheckUnfinished, ImageInUse

_LOOK = process.Limits(seconds=60, memory=1 << 30, cpu_seconds=30, file_size=0)
_WALK = process.Limits(seconds=300, memory=4 << 30, cpu_seconds=240, file_size=0)
_CREATE = process.Limits(seconds=60, memory=1 << 30, cpu_seconds=30, file_size=1 << 30)


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What ``qemu-img check`` counted."""

    corruptions: int
    leaks: int
    errors: int


@dataclass(frozen=True, slots=True)
class Measure:
    """Bytes of a target file: for what is allocated now, and for a disk that is full to the last byte."""

    required: int
    fully_allocated: int


class QemuImg:
    """qemu-img, found once on the PATH. File names are absolute paths, so none is taken for a protocol or an option.

    Raises:
        ToolMissing: it is not installed.
    """

    def __init__(self) -> None:
        found = shutil.which("qemu-img")
        if found is None:
            raise process.ToolMissing("qemu-img")
        self.program = Path(found)

    def check(self, path: Path, format_name: str) -> CheckReport:
        """Walk the metadata of an image, read-only.

        Raises:
            ImageInUse: another program writes to it.
            CheckUnfinished: it cannot be opened, or the walk runs into its limits.
        """
        document = self._look(path, _WALK, "check", "--output=json", "-f", format_name, accepted=(0, 2, 3))
        return CheckReport(
            corruptions=int(document.get("corruptions", 0)),
            leaks=int(document.get("leaks", 0)),
            errors=int(document.get("check-errors", 0)),
        )

    def virtual_size(self, path: Path, format_name: str) -> int:
        """Return how large qemu takes the disk to be, in bytes; no backing file is opened.

        Raises:
            ImageInUse: another program writes to it.
            CheckUnfinished: it cannot be opened, or runs into its limits.
        """
        return int(self._look(path, _LOOK, "info", "--output=json", "-f", format_name)["virtual-size"])

    def measure(self, path: Path, source_format: str, target_format: str, *, in_use: bool = False) -> Measure:
        """Return how many bytes a file of the target format needs for the same disk, uncompressed.

        With ``in_use`` the image may be open elsewhere, for writing too.

        Raises:
            CheckUnfinished: it cannot be opened, or runs into its limits.
        """
        shared = ("-U",) if in_use else ()
        words = ("measure", *shared, "--output=json", "-f", source_format, "-O", target_format)
        document = self._look(path, _WALK, *words)
        return Measure(int(document["required"]), int(document["fully-allocated"]))

    def create_overlay(self, path: Path, size: int | None, backing: Path, backing_format: str, options: str) -> None:
        """Make an empty qcow2 file over another image; ``size`` in bytes, None for that of the backing file.

        Raises:
            ToolFailed: qemu-img could not.
        """
        words = ["create", "-q", "-f", "qcow2", "-F", backing_format, "-b", str(backing), "-o", options, str(path)]
        process.run([self.program, *words, *([] if size is None else [str(size)])], limits=_CREATE)

    def _look(self, path: Path, limits: process.Limits, *words: str, accepted: tuple[int, ...] = (0,)) -> Any:
        try:
            done = process.run([self.program, *words, path], limits=limits, check=False)
        except process.ToolFailed as late:
            raise CheckUnfinished(path, "it took too long") from late
        if done.status not in accepted:
            if "lock" in done.stderr:
                raise ImageInUse(path)
            raise CheckUnfinished(path, _reason(done))
        return json.loads(done.stdout)


def _reason(done: process.Finished) -> str:
    if done.status < 0:
        return f"it was ended by signal {-done.status}, as happens at its limits of memory and time"
    return (done.stderr.strip().splitlines() or [f"status {done.status}"])[-1]
