"""What may be wrong with the journal of a farm."""

from __future__ import annotations

import contextlib
import sqlite3
from typing import TYPE_CHECKING

from imagekit.errors import HostError
from imagekit.hostdisk import HostDiskFull

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_MOVED = "move it away and run again with --resume: finished outputs are known by their receipts"


class JournalInUse(HostError):
    """Another runner works on the farm."""

    code = "IK-FARM-110"

    def __init__(self, path: Path) -> None:
        self.path = path
        super().__init__(
            "another imagekit batch works on this farm",
            why=f"it holds the lock of {path}",
            fix="wait for it to end; --shard I/N divides a farm between several runs",
        )


class JournalForeign(HostError):
    """The journal is of another farm document."""

    code = "IK-FARM-111"

    def __init__(self, path: Path, farm: str) -> None:
        self.path = path
        self.farm = farm
        super().__init__(
            f"{path} is the journal of another farm: {farm}",
            why="two farms would take each other's outputs for their own",
            fix="give this farm's file another name, or its outputs another folder",
        )


class JournalNewer(HostError):
    """A later release of imagekit made the journal."""

    code = "IK-FARM-112"

    def __init__(self, path: Path, version: int) -> None:
        self.path = path
        self.version = version
        super().__init__(
            f"{path} was written by a later release of imagekit",
            why=f"it has version {version} of the journal's form, which this release does not know",
            fix=f"run that release, or {_MOVED}",
        )


class JournalDamaged(HostError):
    """The file at the journal's path is damaged, or no journal."""

    code = "IK-FARM-113"

    def __init__(self, path: Path, reason: str) -> None:
        self.path = path
        self.reason = reason
        super().__init__(
            f"the journal {path} is damaged: {reason}",
            why="outputs and their receipts are enough to go on from; only the history of the runs is lost",
            fix=_MOVED,
        )


class JournalUnusable(HostError):
    """The host does not let the journal be read or written."""

    code = "IK-FARM-114"

    def __init__(self, path: Path, reason: str) -> None:
        self.path = path
        self.reason = reason
        super().__init__(
            f"cannot keep the journal {path}: {reason}",
            why="without it nobody knows after an interruption what was done",
            fix="let this user write there, on a file system that SQLite can lock",
        )


@contextlib.contextmanager
def explained(path: Path) -> Iterator[None]:
    """Say what the errors of SQLite mean for the journal.

    Raises:
        JournalDamaged, JournalUnusable, HostDiskFull.
    """
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the low byte is the primary code (rescode.html)
        if code == sqlite3.SQLITE_FULL:
            raise HostDiskFull(path) from error
        if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            raise JournalDamaged(path, str(error)) from error
        raise JournalUnusable(path, str(error)) from error
