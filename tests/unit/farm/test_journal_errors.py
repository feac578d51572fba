from __future__ import annotations

import sqlite3

import pytest

from imagekit.farm.journal_errors import JournalDamaged, JournalUnusable, explained
from imagekit.hostdisk import HostDiskFull


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (sqlite3.SQLITE_FULL, HostDiskFull),
        (sqlite3.SQLITE_CORRUPT, JournalDamaged),
        (sqlite3.SQLITE_CORRUPT | 1 << 8, JournalDamaged),
        (sqlite3.SQLITE_NOTADB, JournalDamaged),
        (sqlite3.SQLITE_READONLY, JournalUnusable),
        (sqlite3.SQLITE_IOERR, JournalUnusable),
    ],
)
def test_what_sqlite_meets_is_told_as_what_somebody_can_mend(tmp_path, code, error) -> None:
    met = sqlite3.OperationalError("it said so")
    met.sqlite_errorcode = code

    with pytest.raises(error) as told, explained(tmp_path / "j"):
        raise met
    assert told.value.__cause__ is met
    assert told.value.exit_status == 3


def test_a_damaged_journal_says_that_outputs_are_enough_to_go_on(tmp_path) -> None:
    error = JournalDamaged(tmp_path / "j", "file is not a database")

    assert "receipts" in error.why
    assert "--resume" in error.fix


def test_other_errors_pass(tmp_path) -> None:
    with pytest.raises(KeyError), explained(tmp_path):
        raise KeyError
