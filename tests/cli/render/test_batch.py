from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from imagekit.farm.events import JobFinished
from imagekit.farm.job import Job, Outcome, State
from imagekit.farm.listing import FarmListing, ListedJob
from imagekit.farm.summary import BatchReport, JobReport
from imagekit_cli.lines import Line
from imagekit_cli.render.batch import listing_lines, result_line, shown, summary_lines

STARTED = datetime(2026, 1, 1, tzinfo=UTC)


def job(name: str, **values: str) -> Job:
    return Job(
        id=name, image=Path("/in/a.qcow2"), spec=Path("/in/web.yaml"), values=values, output=Path(f"/out/{name}")
    )


def reported(name: str, state: State = "done", **fields: Any) -> JobReport:
    ended = {
        "job": name,
        "state": "done" if state == "done" else "failed",
        "started": STARTED,
        "seconds": 3.0,
        **fields,
    }
    outcome = Outcome(**ended) if state in {"done", "failed"} else None
    return JobReport(
        job=job(name), inputs="", state=state, attempt=1, outcome=outcome, log=Path(f"/out/farm.logs/{name}.jsonl")
    )


def report(*jobs: JobReport) -> BatchReport:
    return BatchReport(
        farm="farm.yaml",
        journal=Path("/out/farm.journal.sqlite"),
        logs=Path("/out/farm.logs"),
        started=STARTED,
        seconds=72.0,
        at_a_time=2,
        jobs=jobs,
    )


@pytest.mark.parametrize(
    ("fields", "line"),
    [
        ({}, Line("done         web-a  /out/web-a  in 3.0 s", "good")),
        ({"reused": True}, Line("done         web-a  /out/web-a  finished already", "good")),
        (
            {"state": "failed", "exit_status": 4, "code": "IK-IMG-101", "message": "there is no image a"},
            Line("failed       web-a  after 3.0 s: IK-IMG-101  there is no image a", "bad"),
        ),
        ({"state": "interrupted", "seconds": 0.0}, Line("interrupted  web-a", "changed")),
        ({"state": "skipped", "seconds": 0.0}, Line("skipped      web-a", "dim")),
    ],
)
def test_a_job_that_ended_is_one_line(fields: dict[str, Any], line: Line) -> None:
    told = {"state": "done", "reused": False, "seconds": 3.0, "exit_status": 0, "code": "", "message": "", **fields}

    assert result_line(JobFinished(job="web-a", slot=0, attempt=1, output="/out/web-a", **told)) == line


def test_a_farm_that_is_done_ends_with_where_its_journal_is_and_the_counts() -> None:
    lines = list(summary_lines(report(reported("a"), reported("b", reused=True)), None))

    assert [line.text for line in lines] == [
        "",
        "journal  /out/farm.journal.sqlite",
        "2 jobs in 1 min 12 s: 2 done, 1 of the done finished before",
    ]
    assert lines[-1].style == "good"


def test_what_failed_is_a_table_with_reasons_and_logs() -> None:
    failed = reported(
        "b", "failed", exit_status=7, code="IK-STEP-001", message="step 1 failed", why="it said so", fix="mend it"
    )
    lines = list(summary_lines(report(reported("a"), failed, reported("c", "skipped")), Path("report.html")))

    assert [line.text for line in lines] == [
        "",
        "failed job  exit  code         attempts  took   what happened",
        "b           7     IK-STEP-001  1         3.0 s  step 1 failed",
        "  why:  it said so",
        "  fix:  mend it",
        "  log:  /out/farm.logs/b.jsonl",
        "",
        "journal  /out/farm.journal.sqlite",
        "report   report.html",
        "again    imagekit batch farm.yaml --resume",
        "3 jobs in 1 min 12 s: 1 done, 1 failed, 1 skipped",
    ]
    assert lines[-1].style == "bad"


def test_jobs_are_listed_with_what_they_are_made_of_and_why_they_would_run() -> None:
    listed = (
        ListedJob(job=job("a-web-rome", site="rome"), runs=True, reason="it has no output"),
        ListedJob(job=job("a-web"), runs=False, reason="it is finished"),
    )
    lines = list(listing_lines(FarmListing(farm="farm.yaml", journal=Path("/out/j"), at_a_time=2, jobs=listed)))

    assert [line.text for line in lines] == [
        "     job         image        spec          values     output           because",
        "run  a-web-rome  /in/a.qcow2  /in/web.yaml  site=rome  /out/a-web-rome  it has no output",
        "-    a-web       /in/a.qcow2  /in/web.yaml  -          /out/a-web       it is finished",
        "2 jobs, 1 to run, 2 at a time",
    ]


def test_a_path_is_shown_from_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    assert shown(tmp_path / "out" / "a.qcow2") == "out/a.qcow2"
    assert shown("/elsewhere/a.qcow2") == "/elsewhere/a.qcow2"
