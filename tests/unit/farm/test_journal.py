from __future__ import annotations

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
from dataclasses import replace

import pytest

from imagekit.farm.journal import open_journal, read_journal
from imagekit.farm.journal_errors import (
    JournalDamaged,
    JournalForeign,
    JournalInUse,
    JournalNewer,
    JournalUnusable,
)
from imagekit.farm.journal_rows import JobRecord

# A runner that is killed, and a process that it forked: a worker of a pool that waits for work for ever.
RUNNER = """
import os, signal, sys
from pathlib import Path
from imagekit.farm.journal import open_journal

with open_journal(Path(sys.argv[1]), "farm.yaml"):
    if os.fork() == 0:
        os.read(0, 1)
        os._exit(0)
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def path(tmp_path):
    return tmp_path / "farm.journal.sqlite"


@pytest.fixture
def begun(path, make_job):
    """A journal that is open, with the jobs a, b and c, all of them waiting."""
    with open_journal(path, "farm.yaml") as journal:
        journal.begin([JobRecord(make_job(name), f"in-{name}") for name in "abc"])
        yield journal


def states(path):
    return {record.job.id: record.state for record in read_journal(path)}


def history(path, *columns):
    with contextlib.closing(sqlite3.connect(path)) as db:
        return db.execute(f"SELECT {', '.join(columns)} FROM transitions ORDER BY number").fetchall()


def test_a_new_journal_has_no_jobs(path) -> None:
    assert read_journal(path) == ()
    with open_journal(path, "farm.yaml") as journal:
        assert journal.records() == ()


def test_every_change_can_be_read_by_others_at_once(path, begun, make_outcome) -> None:
    assert states(path) == {"a": "waiting", "b": "waiting", "c": "waiting"}
    begun.give("a", 1)
    assert states(path)["a"] == "running"
    begun.end(make_outcome("a", sha256="cafe"))
    assert states(path)["a"] == "done"
    begun.skip(["b", "c"])
    assert states(path) == {"a": "done", "b": "skipped", "c": "skipped"}


def test_changes_are_on_the_disk_before_anything_follows(path, begun) -> None:
    assert begun._db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert begun._db.execute("PRAGMA synchronous").fetchone() == (2,)  # FULL


def test_nothing_that_ever_happened_is_forgotten(path, begun, make_job, make_outcome) -> None:
    begun.give("a", 1)
    begun.end(make_outcome("a", state="failed", exit_status=6, code="IK-APP-003", message="died"), again=True)
    begun.give("a", 2)
    begun.end(make_outcome("a", attempt=2))
    begun.begin([JobRecord(make_job("b"), "in-b")])

    of_a = [row[1:] for row in history(path, "job", "state", "attempt", "code") if row[0] == "a"]
    assert of_a == [
        ("waiting", 0, ""),
        ("running", 1, ""),
        ("failed", 1, "IK-APP-003"),
        ("waiting", 1, ""),
        ("running", 2, ""),
        ("done", 2, ""),
    ]
    assert states(path) == {"b": "waiting"}


def test_a_job_that_is_to_be_tried_again_waits_and_tells_why(path, begun, make_outcome) -> None:
    begun.give("a", 1)
    begun.end(make_outcome("a", state="failed", code="IK-APP-003", attempt=1), again=True)

    (record, *_) = begun.records()
    assert (record.state, record.attempt) == ("waiting", 1)
    assert record.outcome is not None
    assert record.outcome.code == "IK-APP-003"


def test_a_job_that_could_not_be_given_away_waits(path, begun) -> None:
    begun.give("a", 1)
    begun.wait("a", 1)

    assert states(path)["a"] == "waiting"


def test_what_runs_when_a_run_is_over_was_interrupted(path, begun) -> None:
    begun.give("a", 1)
    begun.close("interrupted")

    assert states(path)["a"] == "interrupted"
    with contextlib.closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT how, finished IS NOT NULL FROM runs").fetchall() == [("interrupted", 1)]


def test_half_a_change_is_none(path, begun, make_outcome, monkeypatch) -> None:
    begun.give("a", 1)
    monkeypatch.setattr(begun, "_note", lambda *_: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        begun.end(make_outcome("a"))
    assert states(path)["a"] == "running"


def test_what_a_killed_runner_left_is_still_there(path, make_job) -> None:
    with open_journal(path, "farm.yaml") as journal:
        journal.begin([JobRecord(make_job("a"), "in-a")])
        journal.give("a", 1)

    with open_journal(path, "farm.yaml") as journal:
        (record,) = journal.records()
        assert (record.state, record.attempt, record.begun) == ("running", 1, True)
        journal.begin([replace(record, state="waiting")])
        assert journal.records()[0].begun


def test_a_second_runner_is_kept_out(path, begun) -> None:
    with pytest.raises(JournalInUse) as refused, open_journal(path, "farm.yaml"):
        pass

    assert str(path) in refused.value.why


def test_the_lock_ends_with_the_run_and_leaves_nothing(path) -> None:
    with open_journal(path, "farm.yaml"):
        pass
    with open_journal(path, "farm.yaml"):
        pass

    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_a_process_that_outlives_a_killed_runner_does_not_hold_its_lock(path) -> None:
    reading, writing = os.pipe()
    runner = subprocess.run([sys.executable, "-c", RUNNER, str(path)], stdin=reading, check=False)
    os.close(reading)

    try:
        assert runner.returncode == -signal.SIGKILL
        with open_journal(path, "farm.yaml") as journal:
            assert journal.records() == ()
    finally:
        os.close(writing)


def test_the_journal_of_another_farm_is_left_alone(path) -> None:
    with open_journal(path, "../farm.yaml"):
        pass

    with (
        pytest.raises(JournalForeign, match=r"another farm: \.\./farm\.yaml"),
        open_journal(path, "../other/farm.yaml"),
    ):
        pass


def test_a_journal_of_a_later_release_is_left_alone(path) -> None:
    with open_journal(path, "farm.yaml"):
        pass
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA user_version = 99")

    with pytest.raises(JournalNewer), open_journal(path, "farm.yaml"):
        pass
    with pytest.raises(JournalNewer):
        read_journal(path)


def test_a_file_that_is_no_journal_is_left_alone(path) -> None:
    path.write_bytes(b"not a database, but long enough to be looked at" * 100)

    with pytest.raises(JournalDamaged, match="not a database"), open_journal(path, "farm.yaml"):
        pass
    with pytest.raises(JournalDamaged):
        read_journal(path)
    assert path.read_bytes().startswith(b"not a database")


def test_a_journal_with_a_damaged_page_is_refused_before_anything_runs(path, make_job) -> None:
    with open_journal(path, "farm.yaml") as journal:
        journal.begin([JobRecord(make_job(f"job-{number}"), "x" * 64) for number in range(100)])
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xa5" * (len(content) - 4096)
    path.write_bytes(content)

    with pytest.raises(JournalDamaged), open_journal(path, "farm.yaml"):
        pass


def test_a_journal_that_the_host_refuses_is_told(tmp_path) -> None:
    (tmp_path / "farm.journal.sqlite").mkdir()

    with pytest.raises(JournalUnusable), open_journal(tmp_path / "farm.journal.sqlite", "farm.yaml"):
        pass
