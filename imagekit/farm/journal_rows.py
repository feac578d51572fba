"""The tables of a farm's journal, and its rows as models and back."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from imagekit.farm.job import Job, Outcome, State

VERSION = 1
"""Of the tables; in SQLite's ``user_version``."""

_TABLES = """
CREATE TABLE farm (document TEXT NOT NULL);
CREATE TABLE runs (
    number INTEGER PRIMARY KEY, started TEXT NOT NULL, host TEXT NOT NULL, pid INTEGER NOT NULL, finished TEXT, how TEXT
);
CREATE TABLE jobs (
    id TEXT PRIMARY KEY, position INTEGER NOT NULL, image TEXT NOT NULL, spec TEXT NOT NULL, variables TEXT NOT NULL,
    output TEXT NOT NULL, inputs TEXT NOT NULL, state TEXT NOT NULL, attempt INTEGER NOT NULL,
    ended TEXT, started TEXT, finished TEXT, seconds REAL, host TEXT, exit_status INTEGER, code TEXT, cause TEXT,
    message TEXT, why TEXT, fix TEXT, sha256 TEXT, size INTEGER, reused INTEGER, tried INTEGER
);
CREATE TABLE transitions (
    number INTEGER PRIMARY KEY, run INTEGER NOT NULL REFERENCES runs, at TEXT NOT NULL, job TEXT NOT NULL,
    state TEXT NOT NULL, attempt INTEGER NOT NULL, code TEXT NOT NULL, message TEXT NOT NULL
);
"""
_OF_OUTCOME = ("seconds", "host", "exit_status", "code", "cause", "message", "why", "fix", "sha256", "size", "reused")


@dataclass(frozen=True, slots=True)
class JobRecord:
    """What the journal knows of a job: its state now, attempts begun in its last run, how its last attempt ended."""

    job: Job
    inputs: str
    state: State = "waiting"
    attempt: int = 0
    outcome: Outcome | None = None

    @property
    def begun(self) -> bool:
        """Whether it ever ran, so that what is at its output's path is its own."""
        return self.attempt > 0 or self.outcome is not None


def version(db: sqlite3.Connection) -> int:
    """Return the version of the tables; 0 where there are none yet."""
    return int(db.execute("PRAGMA user_version").fetchone()[0])


def check_whole(db: sqlite3.Connection) -> None:
    """Raise a DatabaseError if the file is damaged."""
    said = db.execute("PRAGMA quick_check(1)").fetchone()[0]
    if said != "ok":
        raise _damaged(said)


def prepare(db: sqlite3.Connection) -> None:
    """Make the tables, all at once, if there are none."""
    if version(db) == 0:
        db.executescript(f"BEGIN;\n{_TABLES}\nPRAGMA user_version = {VERSION};\nCOMMIT;")


def document(db: sqlite3.Connection, given: str) -> str:
    """Return which document the journal is of: the given one from now on, if it is of none yet."""
    row = db.execute("SELECT document FROM farm").fetchone()
    if row is None:
        db.execute("INSERT INTO farm VALUES (?)", (given,))
        return given
    return str(row[0])


def read_jobs(db: sqlite3.Connection) -> tuple[JobRecord, ...]:
    """Return the records of all jobs, in their order."""
    cursor = db.cursor()
    cursor.row_factory = sqlite3.Row
    try:
        return tuple(_record(row) for row in cursor.execute("SELECT * FROM jobs ORDER BY position"))
    except ValueError as odd:
        raise _damaged(str(odd).splitlines()[0]) from odd


def insert_job(db: sqlite3.Connection, record: JobRecord) -> None:
    """Add a job behind those that are there."""
    job = record.job
    words = (str(job.image), str(job.spec), json.dumps(job.values), str(job.output), record.inputs)
    db.execute(
        "INSERT INTO jobs (id, position, image, spec, variables, output, inputs, state, attempt) "
        "VALUES (?, (SELECT count(*) FROM jobs), ?, ?, ?, ?, ?, ?, ?)",
        (job.id, *words, record.state, record.attempt),
    )
    if record.outcome is not None:
        update_outcome(db, record.outcome)
        db.execute("UPDATE jobs SET state = ?, attempt = ? WHERE id = ?", (record.state, record.attempt, job.id))


def update_outcome(db: sqlite3.Connection, outcome: Outcome) -> None:
    """Write how a job ended; that is its state then."""
    fields: dict[str, Any] = {name: getattr(outcome, name) for name in _OF_OUTCOME}
    fields |= {"state": outcome.state, "ended": outcome.state, "attempt": outcome.attempt, "tried": outcome.attempt}
    fields["started"] = outcome.started.isoformat()
    fields["finished"] = (outcome.started + timedelta(seconds=outcome.seconds)).isoformat()
    words = ", ".join(f"{name} = :{name}" for name in fields)
    db.execute(f"UPDATE jobs SET {words} WHERE id = :id", {**fields, "id": outcome.job})  # noqa: S608  names of our own


def _record(row: sqlite3.Row) -> JobRecord:
    job = Job(
        id=row["id"], image=row["image"], spec=row["spec"], values=json.loads(row["variables"]), output=row["output"]
    )
    outcome = None
    if row["ended"]:
        fields = {name: row[name] for name in _OF_OUTCOME}
        outcome = Outcome.model_validate(
            {"job": job.id, "state": row["ended"], "attempt": row["tried"], "started": row["started"], **fields}
        )
    return JobRecord(job, row["inputs"], row["state"], row["attempt"], outcome)


def _damaged(reason: str) -> sqlite3.DatabaseError:
    error = sqlite3.DatabaseError(reason)
    error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
    return error
