"""Locks between imagekit runs: open file description locks, which end with the process that holds them.

Source: fcntl(2), "Open file description locks". They stand on a byte of their own, far from those that qemu
locks (100 to 103 and 200 to 203, block/file-posix.c), so neither hinders the other.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import os
import stat
import struct
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from imagekit.errors import HostError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LOCK_SUFFIX = ".imagekit-lock"
_BYTE = 1 << 62
_QEMU_WRITES = 101
_LONGEST_NAME = 255
_PATIENCE = 0.5  # a sweep may hold the lock of a dead run for a moment, while it removes the file
_PAUSE = 0.02


class ImageLocked(HostError):
    """Another run of imagekit works on the image, or on the output."""

    code = "IK-LOCK-001"

    def __init__(self, path: Path) -> None:
        self.path = path
        super().__init__(f"another imagekit run works on {path}", fix="wait for it to end, or take another output name")


class CannotLock(HostError):
    """The file system, or the user's rights, do not allow the lock."""

    code = "IK-LOCK-002"

    def __init__(self, path: Path, reason: str) -> None:
        self.path = path
        self.reason = reason
        super().__init__(
            f"cannot lock {path}: {reason}",
            why="without a lock two runs may write the same file",
            fix="let this user write there, or work on a local file system",
        )


@dataclass(frozen=True, slots=True)
class HeldLock:
    """A lock that is held: on which file, and through which descriptor. A child that inherits it holds it too."""

    path: Path
    descriptor: int


@contextlib.contextmanager
def hold_shared(path: Path, *, wait: float = 0) -> Iterator[HeldLock]:
    """Hold a shared lock on an existing image: others may read it, none may replace it in place.

    Raises:
        ImageLocked: it is held exclusively, still after ``wait`` seconds.
        CannotLock: it cannot be opened or locked.
    """
    with _locked(path, os.O_RDONLY, fcntl.F_RDLCK, wait) as held:
        yield held


@contextlib.contextmanager
def hold_exclusive(path: Path, *, wait: float = 0) -> Iterator[HeldLock]:
    """Hold an exclusive lock on an existing image, which the user must be able to write.

    Raises:
        ImageLocked: another run holds it, still after ``wait`` seconds.
        CannotLock: it cannot be opened or locked.
    """
    with _locked(path, os.O_RDWR, fcntl.F_WRLCK, wait) as held:
        yield held


@contextlib.contextmanager
def hold_output(output: Path, *, wait: float = 0) -> Iterator[HeldLock]:
    """Hold the name of an output, whether it exists or not, through a lock file beside it; removed at the end.

    Raises:
        ImageLocked: another run makes the same output, still after ``wait`` seconds.
        CannotLock: the lock file cannot be made or locked.
    """
    path = lock_file(output)
    deadline = time.monotonic() + max(wait, _PATIENCE)
    while True:
        descriptor = _open(path, os.O_RDWR | os.O_CREAT)
        try:
            _lock(path, descriptor, fcntl.F_WRLCK, deadline, output)
            if not _still_there(path, descriptor):
                continue
            try:
                yield HeldLock(path, descriptor)
            finally:
                path.unlink(missing_ok=True)
            return
        finally:
            os.close(descriptor)


def lock_file(output: Path) -> Path:
    """Return the path of the lock file of an output; a name that would be too long is shortened by its digest."""
    folder = output.parent.resolve()
    name = f".{output.name}{LOCK_SUFFIX}"
    if len(os.fsencode(name)) > _LONGEST_NAME:
        name = f".{hashlib.sha256(os.fsencode(output.name)).hexdigest()}{LOCK_SUFFIX}"
    return folder / name


def remove_if_stale(path: Path) -> bool:
    """Remove a lock file that nobody holds; tell whether it was removed."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return False
    try:
        if not try_lock(descriptor, fcntl.F_WRLCK) or not _still_there(path, descriptor):
            return False
        path.unlink(missing_ok=True)
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return True


def is_written_by_qemu(path: Path) -> bool:
    """Tell whether a qemu has the file open for writing: it then holds byte 101 (block/file-posix.c, RAW_PL_PERM_WRITE).

    qemu-img itself refuses only qcow2 files that are being written to; a raw disk of a running machine it reads.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        asked = _flock(fcntl.F_WRLCK, _QEMU_WRITES)
        (kind,) = struct.unpack_from("h", fcntl.fcntl(descriptor, fcntl.F_OFD_GETLK, asked))
    finally:
        os.close(descriptor)
    return bool(kind != fcntl.F_UNLCK)


def _flock(kind: int, byte: int) -> bytes:
    return struct.pack("hhqqi4x", kind, os.SEEK_SET, byte, 1, 0)


def try_lock(descriptor: int, kind: int) -> bool:
    """Take the lock (``fcntl.F_RDLCK`` or ``F_WRLCK``) at once or not at all; tell whether it is held now."""
    try:
        fcntl.fcntl(descriptor, fcntl.F_OFD_SETLK, _flock(kind, _BYTE))
    except OSError as refused:
        if refused.errno in (errno.EAGAIN, errno.EACCES):
            return False
        raise
    return True


@contextlib.contextmanager
def _locked(path: Path, flags: int, kind: int, wait: float) -> Iterator[HeldLock]:
    descriptor = _open(path.resolve(), flags)
    try:
        _lock(path, descriptor, kind, time.monotonic() + wait, path)
        yield HeldLock(path, descriptor)
    finally:
        os.close(descriptor)


def _open(path: Path, flags: int) -> int:
    try:
        descriptor = os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK, 0o600)
    except OSError as closed:
        raise CannotLock(path, closed.strerror or str(closed)) from closed
    if not stat.S_ISREG(mode := os.fstat(descriptor).st_mode) and not stat.S_ISBLK(mode):
        os.close(descriptor)
        raise CannotLock(path, "it is not a regular file")
    return descriptor


def _lock(path: Path, descriptor: int, kind: int, deadline: float, about: Path) -> None:
    try:
        while not try_lock(descriptor, kind):
            if time.monotonic() >= deadline:
                raise ImageLocked(about)
            time.sleep(_PAUSE)
    except OSError as refused:
        raise CannotLock(path, refused.strerror or str(refused)) from refused


def _still_there(path: Path, descriptor: int) -> bool:
    """Tell whether the path still names the file that is open: another run may have removed it meanwhile."""
    try:
        there = path.lstat()
    except FileNotFoundError:
        return False
    here = os.fstat(descriptor)
    return (there.st_dev, there.st_ino) == (here.st_dev, here.st_ino)
