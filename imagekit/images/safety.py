"""The check without trust: what a file is, and whether it may be opened, before any tool of qemu sees it."""

from __future__ import annotations

import io
import logging
import os
import re
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from imagekit.images.errors import (
    BackingFileRefused,
    BadVirtualSize,
    ChainTooDeep,
    FormatDisputed,
    FormatUnsupported,
    HeaderInvalid,
    ImageEmpty,
    ImageNotFound,
    ImageTooLarge,
    ImageUnreadable,
    NotAnImageFile,
)
from imagekit.images.inspector import format_inspector
from imagekit.images.qcow2 import Qcow2Header, read_header
from imagekit.images.signature import HEAD_SIZE, QCOW_MAGIC, TAIL_SIZE, foreign_format

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

SECTOR = 512
_PROTOCOL = re.compile(r"^[^/:]*:")


@dataclass(frozen=True, slots=True)
class ImageLimits:
    """What an image may claim at the most.

    Attributes:
        virtual_size: bytes of the disk; the default is 1 TiB.
        chain: how many backing files may follow one another.
    """

    virtual_size: int = 1 << 40
    chain: int = 8


@dataclass(frozen=True, slots=True)
class Identity:
    """Which file was opened, and in which state: what stat(2) says of it."""

    device: int
    inode: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class Checked:
    """One file that was found safe to hand to qemu with an explicit format; sizes in bytes."""

    path: Path
    format: Literal["qcow2", "raw"]
    virtual_size: int
    file_size: int
    actual_size: int
    identity: Identity
    header: Qcow2Header | None = None


def check_chain(
    path: Path,
    *,
    format: Literal["qcow2", "raw"] | None = None,  # noqa: A002  the word of qemu-img and of the spec
    allow_backing: Sequence[Path] = (),
    limits: ImageLimits,
) -> tuple[Checked, ...]:
    """Check an image and every file it builds on; return them, the image first.

    Raises:
        ImageError: the image or one below it is refused; images/errors.py has a class for each reason.
    """
    chain = [check_file(path, format=format, limits=limits)]
    while (header := chain[-1].header) and header.backing:
        if len(chain) > limits.chain:
            raise ChainTooDeep(chain[0].path, limits.chain)
        below = _allowed_backing(chain[-1].path, header.backing, allow_backing)
        chain.append(check_file(below, format=_backing_format(chain[-1].path, header), limits=limits))
        if any(member.identity == chain[-1].identity for member in chain[:-1]):
            raise ChainTooDeep(chain[0].path, limits.chain)
    return tuple(chain)


def check_file(
    path: Path,
    *,
    format: Literal["qcow2", "raw"] | None = None,  # noqa: A002  the word of qemu-img and of the spec
    limits: ImageLimits,
) -> Checked:
    """Check one file by its own bytes, without a look at what it builds on.

    Raises:
        ImageError: it is refused.
    """
    real, descriptor = _open(path)
    with os.fdopen(descriptor, "rb", buffering=0) as opened:
        status = os.fstat(descriptor)
        file_size = opened.seek(0, os.SEEK_END)
        head = os.pread(descriptor, HEAD_SIZE, 0)
        tail = os.pread(descriptor, TAIL_SIZE, max(0, file_size - TAIL_SIZE))
    if file_size == 0:
        raise ImageEmpty(path)
    found = format or _decide(path, head, tail)
    if found == "qcow2" and not head.startswith(QCOW_MAGIC):
        raise HeaderInvalid(path, "it does not begin as a qcow2 does")
    header = read_header(path, head, file_size) if found == "qcow2" else None
    virtual_size = header.virtual_size if header else file_size
    _judge_size(path, virtual_size, limits)
    if format != "raw":
        _second_opinion(path, found, header, head)
    return Checked(
        path=real,
        format=found,
        virtual_size=virtual_size,
        file_size=file_size,
        actual_size=status.st_blocks * SECTOR,
        identity=Identity(status.st_dev, status.st_ino, status.st_mtime_ns),
        header=header,
    )


def _open(path: Path) -> tuple[Path, int]:
    """Open an image once, for reading, and only if opening it can have no effect; return its real path as well."""
    try:
        real = path.resolve(strict=True)
        _judge_kind(path, real.stat().st_mode)
        # Should a pipe take its place just now, the open must not hang.
        descriptor = os.open(real, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
    except (FileNotFoundError, NotADirectoryError) as missing:
        raise ImageNotFound(path) from missing
    except (OSError, RuntimeError) as closed:
        raise ImageUnreadable(path, getattr(closed, "strerror", None) or "its links lead in a circle") from closed
    try:
        _judge_kind(path, os.fstat(descriptor).st_mode)
    except NotAnImageFile:
        os.close(descriptor)
        raise
    return real, descriptor


def _judge_kind(path: Path, mode: int) -> None:
    kinds = {
        stat.S_IFDIR: "directory",
        stat.S_IFIFO: "pipe",
        stat.S_IFSOCK: "socket",
        stat.S_IFCHR: "character device",
    }
    kind = kinds.get(stat.S_IFMT(mode))
    if kind:
        raise NotAnImageFile(path, kind)


def _decide(path: Path, head: bytes, tail: bytes) -> Literal["qcow2", "raw"]:
    if head.startswith(QCOW_MAGIC):
        return "qcow2"
    foreign = foreign_format(head, tail)
    if foreign:
        raise FormatUnsupported(path, foreign.name, unpack=foreign.unpack, convertible=foreign.convertible)
    return "raw"


def _judge_size(path: Path, virtual_size: int, limits: ImageLimits) -> None:
    if virtual_size == 0 or virtual_size % SECTOR:
        raise BadVirtualSize(path, virtual_size)
    if virtual_size > limits.virtual_size:
        raise ImageTooLarge(path, virtual_size, limits.virtual_size)


def _second_opinion(path: Path, found: str, header: Qcow2Header | None, head: bytes) -> None:
    """Ask the inspector of oslo.utils, which Nova, Glance and Cinder trust, about the same bytes.

    It calls any disk with a boot signature ``gpt``. Where it is known to err its objection does not count: it does
    not know extended L2 entries (qemu 5.2 and later), it reads the feature field in version 2, which has none, and
    it objects to any backing file, which is judged on its own here.
    """
    oslo = format_inspector()
    log = logging.getLogger("oslo_utils")
    if not log.handlers:
        log.addHandler(logging.NullHandler())  # its warnings become our errors; a library does not print
    wrapper = oslo.InspectWrapper(io.BytesIO(head))
    while wrapper.read(1 << 16):
        pass
    wrapper.close()
    inspectors = {str(one): one for one in wrapper.formats or ()}
    agreed = {"qcow2"} if found == "qcow2" else {"raw", "gpt"}
    if not inspectors or not inspectors.keys() <= agreed:
        raise FormatDisputed(path, found, " and ".join(sorted(inspectors)) or "nothing known")
    if header is None:
        return
    try:
        inspectors["qcow2"].safety_check()
    except oslo.SafetyCheckFailed as objection:
        tolerated = {"backing_file"} if header.backing else set()
        tolerated |= {"unknown_features"} if header.extended_l2 else set()
        tolerated |= {"data_file"} if header.version == 2 else set()
        rest = sorted(objection.failures.keys() - tolerated)
        if rest:
            raise FormatDisputed(path, "a safe qcow2", ", ".join(rest)) from objection


def _allowed_backing(path: Path, name: str, allowed: Sequence[Path]) -> Path:
    """Return the file that a backing name means, if the user allowed it.

    As qemu does: a name with a colon before any slash is a protocol (json:, nbd:, ssh:), a relative one counts
    from the folder of the image that names it.
    """
    if _PROTOCOL.match(name):
        raise BackingFileRefused(path, name, why="its name is a protocol, not the path of a file")
    try:
        below = (path.parent / name).resolve(strict=True)
        roots = [root.resolve(strict=True) for root in allowed]
    except (OSError, RuntimeError, ValueError) as missing:
        raise BackingFileRefused(
            path, name, why="there is no such file, or the folder allowed is not there"
        ) from missing
    if not any(below == root or root in below.parents for root in roots):
        raise BackingFileRefused(path, name)
    return below


def _backing_format(path: Path, header: Qcow2Header) -> Literal["qcow2", "raw"]:
    if header.backing_format == "qcow2":
        return "qcow2"
    if header.backing_format == "raw":
        return "raw"
    why = f"its format is {header.backing_format!r}" if header.backing_format else "its format is not told"
    raise BackingFileRefused(path, header.backing, why=f"{why}, and qemu would guess it from what is inside")
