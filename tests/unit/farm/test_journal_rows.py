from __future__ import annotations

import sqlite3

import pytest

from imagekit.farm import journal_rows as rows
from imagekit.farm.journal_rows import JobRecord


@pytest.fixture
def db():
    with sqlite3.connect(":memory:", isolation_level=None) as connection:
        rows.prepare(connection)
        yield connection
    connection.close()


def test_tables_are_made_once_and_have_a_version(db) -> None:
    rows.prepare(db)

    assert rows.version(db) == rows.VERSION


def test_a_job_comes_back_as_it_was_put_in(db, make_job, make_outcome) -> None:
    fresh = JobRecord(make_job("a", values={"site": "paris", "n": "2"}), "in-a")
    ended = JobRecord(
        make_job("b"),
        "in-b",
        "failed",
        2,
        make_outcome(
            "b", state="failed", attempt=2, seconds=1.5, host="h", exit_status=7, code="IK-STEP-001"
        ).model_copy(update={"cause": "IK-RUN-002", "message": "m", "why": "w", "fix": "f"}),
    )
    done = JobRecord(make_job("c"), "in-c", "done", 1, make_outcome("c", sha256="cafe", size=1 << 40, reused=True))

    for record in (fresh, ended, done):
        rows.insert_job(db, record)

    assert rows.read_jobs(db) == (fresh, ended, done)


def test_a_job_that_waits_again_still_tells_how_it_ended_last(db, make_job, make_outcome) -> None:
    record = JobRecord(make_job("a"), "in-a", "waiting", 3, make_outcome("a", state="interrupted", attempt=1))

    rows.insert_job(db, record)

    assert rows.read_jobs(db) == (record,)


def test_every_field_of_an_outcome_has_a_column(db, make_outcome) -> None:
    columns = {row[1] for row in db.execute("PRAGMA table_info(jobs)")}
    renamed = {"job": "id", "state": "ended", "attempt": "tried"}

    assert {renamed.get(name, name) for name in type(make_outcome()).model_fields} <= columns


def test_a_job_has_begun_once_it_was_given_away_or_has_ended(make_job, make_outcome) -> None:
    assert not JobRecord(make_job(), "x").begun
    assert JobRecord(make_job(), "x", "running", 1).begun
    assert JobRecord(make_job(), "x", "waiting", 0, make_outcome(state="failed")).begun


def test_a_row_that_no_release_wrote_is_damage(db, make_job) -> None:
    rows.insert_job(db, JobRecord(make_job(), "x"))
    db.execute("UPDATE jobs SET variables = 'x'")

    with pytest.raises(sqlite3.DatabaseError) as damaged:
        rows.read_jobs(db)
    assert damaged.value.sqlite_errorcode == sqlite3.SQLITE_CORRUPT


def test_a_journal_is_of_the_document_that_first_claimed_it(db) -> None:
    assert rows.document(db, "../farm.yaml") == "../farm.yaml"
    assert rows.document(db, "../other.yaml") == "../farm.yaml"
