"""The journal of a farm: SQLite beside its outputs, every change of a job's state on the disk before anything follows.

``jobs`` has a row for each job as it is now, ``transitions`` all that ever changed, ``runs`` who did it. Only the runner
writes, under a lock that ends with its process. Whoever looks on may read meanwhile (wal.html of SQLite).
"""

from __future__ import annotations

import contextlib
import os
import platform
import sqlite3
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from imagekit.farm import journal_rows as rows
from imagekit.farm.journal_errors import JournalForeign, JournalInUse, JournalNewer, explained
from imagekit.hostdisk import flush
from imagekit.images.lock import ImageLocked, hold_output

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from imagekit.farm.job import Outcome
    from imagekit.farm.journal_rows import JobRecord


class Journal:
    """A journal that this process may write; see ``open_journal``."""

    def __init__(self, path: Path, db: sqlite3.Connection) -> None:
        self.path = path
        self._db = db
        self._run = 0

    def records(self) -> tuple[JobRecord, ...]:
        """Return every job that was ever planned and still is, in the farm's order."""
        with explained(self.path):
            return rows.read_jobs(self._db)

    def begin(self, planned: Sequence[JobRecord]) -> None:
        """Begin a run, in which these are all jobs of the farm, and their states."""
        with self._transaction():
            words = (_now(), platform.node(), os.getpid())
            self._run = self._db.execute("INSERT INTO runs (started, host, pid) VALUES (?, ?, ?)", words).lastrowid or 0
            before = {record.job.id: record.state for record in rows.read_jobs(self._db)}
            self._db.execute("DELETE FROM jobs")
            for record in planned:
                rows.insert_job(self._db, record)
                if before.get(record.job.id) != record.state:
                    self._note(record.job.id, record.state, record.attempt)

    def give(self, job: str, attempt: int) -> None:
        """Note that a job is about to run."""
        with self._transaction():
            self._set(job, "running", attempt)

    def end(self, outcome: Outcome, *, again: bool = False) -> None:
        """Note how a job ended, and whether it waits for another attempt."""
        with self._transaction():
            rows.update_outcome(self._db, outcome)
            self._note(outcome.job, outcome.state, outcome.attempt, outcome.code, outcome.message)
            if again:
                self._set(outcome.job, "waiting", outcome.attempt)

    def wait(self, job: str, attempt: int) -> None:
        """Note that a job that was about to run could not be given away."""
        with self._transaction():
            self._set(job, "waiting", attempt)

    def skip(self, jobs: Iterable[str]) -> None:
        """Note that jobs are not begun, since another failed."""
        with self._transaction():
            for job in jobs:
                self._set(job, "skipped", 0)

    def close(self, how: str) -> None:
        """Note how the run ended; what is still said to run does not any more."""
        with self._transaction():
            for record in rows.read_jobs(self._db):
                if record.state == "running":
                    self._set(record.job.id, "interrupted", record.attempt)
            self._db.execute("UPDATE runs SET finished = ?, how = ? WHERE number = ?", (_now(), how, self._run))

    def _set(self, job: str, state: str, attempt: int) -> None:
        self._db.execute("UPDATE jobs SET state = ?, attempt = ? WHERE id = ?", (state, attempt, job))
        self._note(job, state, attempt)

    def _note(self, job: str, state: str, attempt: int, code: str = "", message: str = "") -> None:
        self._db.execute(
            "INSERT INTO transitions (run, at, job, state, attempt, code, message) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (self._run, _now(), job, state, attempt, code, message),
        )

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        """Have all or nothing of the block on the disk at its end."""
        with explained(self.path):
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")


@contextlib.contextmanager
def open_journal(path: Path, document: str) -> Iterator[Journal]:
    """Open a farm's journal for writing, made anew if there is none; no other runner has it meanwhile.

    Args:
        path: of the file; its folder is there.
        document: what names the farm's document, seen from the journal's folder, so that both may be moved together.

    Raises:
        JournalInUse: another runner works on the farm.
        JournalForeign: it is the journal of another document.
        JournalNewer: a later release made it.
        JournalDamaged, JournalUnusable, HostDiskFull: it cannot be read or written.
    """
    with _held(path), explained(path), contextlib.closing(_connect(path)) as db:
        rows.prepare(db)
        flush(path.parent)
        _check(path, db, document)
        yield Journal(path, db)


def read_journal(path: Path) -> tuple[JobRecord, ...]:
    """Return the jobs of a journal as they are now, whether or not a runner works on it; () if there is none.

    Raises:
        JournalNewer, JournalDamaged, JournalUnusable: it cannot be read.
    """
    if not path.exists():
        return ()
    with explained(path), contextlib.closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as db:
        _check_version(path, db)
        return rows.read_jobs(db) if rows.version(db) else ()


def _connect(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, isolation_level=None)
    try:
        _check_version(path, db)
        rows.check_whole(db)
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
    except BaseException:
        db.close()
        raise
    return db


def _check_version(path: Path, db: sqlite3.Connection) -> None:
    version = rows.version(db)
    if version > rows.VERSION:
        raise JournalNewer(path, version)


def _check(path: Path, db: sqlite3.Connection, document: str) -> None:
    known = rows.document(db, document)
    if known != document:
        raise JournalForeign(path, known)


@contextlib.contextmanager
def _held(path: Path) -> Iterator[None]:
    """Hold the lock; processes that an executor forks do not, since they may outlive a runner that was killed."""
    with contextlib.ExitStack() as stack:
        try:
            lock = stack.enter_context(hold_output(path))
        except ImageLocked as locked:
            raise JournalInUse(path) from locked
        inherited = [lock.descriptor]
        os.register_at_fork(after_in_child=lambda: os.close(inherited.pop()) if inherited else None)
        try:
            yield
        finally:
            inherited.clear()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
