from __future__ import annotations

from datetime import UTC, datetime

import pytest

from imagekit.farm.summary import BatchReport, JobReport


@pytest.fixture
def report(tmp_path, make_job):
    def of(*states):
        jobs = [
            JobReport(job=make_job(f"job-{number}"), inputs="x", state=state, log=tmp_path / f"{number}.jsonl")
            for number, state in enumerate(states)
        ]
        return BatchReport(
            farm="farm.yaml",
            journal=tmp_path / "journal",
            logs=tmp_path,
            started=datetime.now(UTC),
            seconds=1.0,
            at_a_time=2,
            jobs=tuple(jobs),
        )

    return of


@pytest.mark.parametrize(
    ("states", "status"),
    [
        (("done", "done"), 0),
        ((), 0),
        (("done", "failed"), 7),
        (("done", "interrupted"), 7),
        (("failed", "skipped"), 7),
        (("waiting",), 7),
    ],
)
def test_the_exit_status_says_whether_everything_is_done(report, states, status) -> None:
    assert report(*states).exit_status == status


def test_jobs_are_counted_by_their_states_and_failures_named(report) -> None:
    told = report("done", "failed", "done", "skipped")

    assert (told.count("done"), told.count("failed"), told.count("waiting")) == (2, 1, 0)
    assert [job.job.id for job in told.failed] == ["job-1"]


def test_the_receipt_of_a_job_stands_beside_its_output(report, tmp_path) -> None:
    assert report("done").jobs[0].receipt == tmp_path / "job-0.qcow2.receipt.json"


def test_a_report_survives_as_json(report) -> None:
    told = report("done", "failed")

    assert BatchReport.model_validate_json(told.model_dump_json()) == told
