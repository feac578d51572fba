from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from imagekit.farm.report import write_report
from imagekit.farm.report.writing import PageNotWritten
from imagekit.farm.summary import BatchReport

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def report(tmp_path: Path) -> BatchReport:
    began = datetime(2026, 3, 1, tzinfo=UTC)
    return BatchReport(
        farm="\ud800.yaml", journal=tmp_path, logs=tmp_path, started=began, seconds=1, at_a_time=1, jobs=()
    )


def test_a_page_that_was_there_is_replaced_and_nothing_else_is_left(report: BatchReport, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text("old")

    write_report(report, path)

    assert "<h1>Farm \ufffd</h1>" in path.read_text(encoding="utf-8")
    assert list(tmp_path.iterdir()) == [path]


def test_a_page_that_cannot_be_written_is_told_with_its_name(report: BatchReport, tmp_path: Path) -> None:
    (tmp_path / "report.html").mkdir()

    with pytest.raises(PageNotWritten, match=r"report\.html: Is a directory"):
        write_report(report, tmp_path / "report.html")
    with pytest.raises(PageNotWritten, match="No such file or directory"):
        write_report(report, tmp_path / "no" / "report.html")

    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]
