"""Write the disk that an overlay shows into a file of its own, within the room that the host has."""

from __future__ import annotations

import contextlib
import os
import re
import select
import shutil
import signal
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from imagekit import process
from imagekit.errors import SpecError
from imagekit.hostdisk import HostDiskFull, flush, in_mib
from imagekit.images.qemuimg import Measure, QemuImg

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from imagekit.images.info import Format, ImageInfo

Compression = Literal["none", "zstd", "zlib"]

_MIB = 1 << 20
_SLACK = 64 * _MIB
_AT_BEST = 4  # compressed images of systems take a third to a half; below a quarter there is no point to begin
_PROGRESS = re.compile(rb"\((\d+(?:\.\d+)?)/100%\)")
_QCOW2 = "compat=1.1,lazy_refcounts=off,cluster_size=65536"


class CompressionRefused(SpecError):
    """The format has no compression."""

    code = "IK-PUB-004"

    def __init__(self, format_name: str, compression: str) -> None:
        self.format_name = format_name
        self.compression = compression
        super().__init__(f"{format_name} images cannot be compressed with {compression}", fix="take qcow2, or none")


_SHARED = {False: (), True: ("-U",)}
_CONVERT = ("convert", "-p", "-t", "writeback")  # the default cache mode flushes before the last write


@dataclass(frozen=True, slots=True)
class _Room:
    """Bytes: what the target should take, and what it can take at the most."""

    needed: int
    limit: int


def flatten(
    overlay: Path,
    target: Path,
    *,
    format: Format = "qcow2",  # noqa: A002  the word of qemu-img and of the spec
    compression: Compression = "none",
    thin_over: ImageInfo | None = None,
    on_progress: Callable[[float], None] | None = None,
    seconds: float | None = None,
    in_use: bool = False,
) -> None:
    """Convert a qcow2 overlay to a new file, mode 0600, flushed to the disk; on failure the file is gone.

    Args:
        overlay: a qcow2 that imagekit made.
        target: the new file; nothing may be there.
        format: of the target.
        compression: of a qcow2 target; zstd needs a reader of qemu 5.1 or later.
        thin_over: keep this base as backing file (by absolute path and format), and write only what differs.
        on_progress: gets the part that is done, 0 to 1.
        seconds: wall clock until it is given up; None for no limit.
        in_use: a qemu still holds the overlay open; the caller makes sure that nothing is written to it meanwhile.

    Raises:
        CompressionRefused: ``raw`` cannot be compressed, nor have a backing file.
        HostDiskFull: there is not enough room, before or while it is written.
        ToolFailed: qemu-img failed, or took too long.
    """
    if format == "raw" and (compression != "none" or thin_over):
        raise CompressionRefused(format, compression if thin_over is None else "a backing file")
    qemu_img = QemuImg()
    measured = qemu_img.measure(overlay.absolute(), "qcow2", format, in_use=in_use)
    room = _room(measured, overlay, compression, thin_over)
    free = shutil.disk_usage(target.parent).free
    if room.needed > free:
        raise HostDiskFull(target.parent, room.needed, free)
    words = [*_SHARED[in_use], "-f", "qcow2", "-O", format, *_options(format, compression), *_over(thin_over)]
    argv = [str(qemu_img.program), *_CONVERT, *words, str(overlay.absolute()), str(target.absolute())]
    _convert(argv, target, room, seconds, on_progress)


def _convert(
    argv: Sequence[str | Path],
    target: Path,
    room: _Room,
    seconds: float | None,
    on_progress: Callable[[float], None] | None,
) -> None:
    with _new_file(target):
        status, said = _watch(argv, process.Limits(seconds=seconds, file_size=room.limit), on_progress)
        if status != 0:
            _explain(status, said, target, room)
        flush(target)


@contextlib.contextmanager
def _new_file(target: Path) -> Iterator[None]:
    """Make a private file, and remove it again on an error."""
    os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        yield
    except BaseException:
        target.unlink(missing_ok=True)
        raise


def _over(base: ImageInfo | None) -> list[str]:
    return [] if base is None else ["-B", str(base.path), "-F", base.format]


def _options(format_name: str, compression: Compression) -> list[str]:
    if format_name == "raw":
        return []
    if compression == "none":
        return ["-o", _QCOW2]
    return ["-c", "-o", f"{_QCOW2},compression_type={compression}"]


def _room(measured: Measure, overlay: Path, compression: Compression, thin_over: ImageInfo | None) -> _Room:
    limit = measured.fully_allocated + _SLACK
    needed = measured.required
    if thin_over:
        needed = min(needed, overlay.stat().st_blocks * 512 + _MIB)
    return _Room(needed if compression == "none" else needed // _AT_BEST, limit)


def _watch(
    argv: Sequence[str | Path], limits: process.Limits, on_progress: Callable[[float], None] | None
) -> tuple[int, str]:
    """Run qemu-img to its end, pass on its progress, and return its status and what it said on stderr."""
    errors = os.memfd_create("stderr")
    reading, writing = os.pipe()
    with os.fdopen(errors, "rb") as heard, os.fdopen(reading, "rb") as progress:
        try:
            child = process.spawn(argv, limits=limits, stdout=writing, stderr=errors)
        finally:
            os.close(writing)
        with process.ending(child):
            _follow(progress.fileno(), limits.seconds, on_progress)
            child.wait()
        heard.seek(0)
        return child.returncode, heard.read(_MIB).decode(errors="replace")


def _follow(reading: int, seconds: float | None, on_progress: Callable[[float], None] | None) -> None:
    deadline = None if seconds is None else time.monotonic() + seconds
    said = b"begin"
    while said:
        left = None if deadline is None else max(0.0, deadline - time.monotonic())
        if not select.select([reading], [], [], left)[0]:
            raise process.ToolFailed("qemu-img", None, "")
        said = os.read(reading, 4096)
        found = _PROGRESS.findall(said)
        if found and on_progress:
            on_progress(float(found[-1]) / 100)


def _explain(status: int, said: str, target: Path, room: _Room) -> None:
    full = ("No space left on device", "Disk quota exceeded")
    if any(text in said for text in full):
        raise HostDiskFull(target.parent, room.needed, shutil.disk_usage(target.parent).free)
    if status == -signal.SIGXFSZ:
        said = f"it wrote more than {in_mib(room.limit)}, which the whole disk does not take"
    raise process.ToolFailed("qemu-img", status, said)
