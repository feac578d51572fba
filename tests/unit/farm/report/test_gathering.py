from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from imagekit.farm.job import Job, Outcome
from imagekit.farm.report import gathering
from imagekit.farm.report.model import Passage
from imagekit.farm.summary import BatchReport, JobReport
from imagekit.guest.facts import Facts
from imagekit.receipt import ApplianceRecord, ImageRecord, Receipt, Versions

if TYPE_CHECKING:
    from collections.abc import Callable

BEGAN = datetime(2026, 3, 1, 10, 2, 6, tzinfo=UTC)


@pytest.fixture
def job(tmp_path: Path) -> Callable[..., JobReport]:
    """Make what is known of a job, and a log of it that ends as told."""

    def make(name: str, state: str = "done", **fields: Any) -> JobReport:
        log = tmp_path / f"{name}.jsonl"
        documents = [
            {"event": "AttemptStarted", "attempt": 1},
            {"event": "StageFinished", "stage": "trim", "seconds": 1.5},
        ]
        log.write_text("".join(f"{json.dumps({'at': 0, **each})}\n" for each in documents))
        path = {
            "image": tmp_path / "images" / "a.qcow2",
            "spec": Path("/etc/a.yaml"),
            "output": tmp_path / f"{name}.qcow2",
        }
        ended = state in {"done", "failed", "interrupted"}
        outcome = Outcome(job=name, state=state, started=BEGAN) if ended else None
        return JobReport(job=Job(id=name, **path), inputs="", state=state, outcome=outcome, log=log, **fields)

    return make


@pytest.fixture
def report(tmp_path: Path) -> Callable[..., BatchReport]:
    def make(*jobs: JobReport, **fields: Any) -> BatchReport:
        usual = {"farm": str(tmp_path / "farm.yaml"), "journal": tmp_path / "j", "logs": tmp_path, "at_a_time": 2}
        return BatchReport(**{**usual, "started": BEGAN, "seconds": 3.5, "jobs": jobs, **fields})

    return make


def write_receipt(path: Path) -> None:
    image = ImageRecord(name="a", format="raw", size=1, virtual_size=1, sha256="a")
    made = Receipt(
        versions=Versions(imagekit="0", libguestfs="1", python="3"),
        started=BEGAN,
        seconds=1,
        base=image,
        spec={},
        guest=Facts(name="Debian"),
        steps=(),
        appliance=ApplianceRecord(accelerator="kvm", launch_seconds=1, memory=1, cpus=1),
    )
    path.write_text(made.text())


def test_paths_below_the_farm_are_told_from_there(
    report: Callable[..., BatchReport], job: Callable[..., JobReport], tmp_path: Path
) -> None:
    page = gathering.page_of(report(job("one")), tmp_path / "r.html")

    assert (page.entries[0].image, page.entries[0].spec) == ("images/a.qcow2", "/etc/a.yaml")
    assert page.entries[0].output == "one.qcow2"


def test_a_farm_without_a_name_is_called_after_its_file(report: Callable[..., BatchReport], tmp_path: Path) -> None:
    assert gathering.page_of(report(), tmp_path / "r.html").name == "farm"
    assert gathering.page_of(report(name="web"), tmp_path / "r.html").name == "web"
    assert gathering.page_of(report(farm=""), tmp_path / "r.html").name == "without a name"


def test_log_and_receipt_are_told(
    report: Callable[..., BatchReport], job: Callable[..., JobReport], tmp_path: Path
) -> None:
    done = job("one")
    write_receipt(done.receipt)

    details = gathering.page_of(report(done), tmp_path / "r.html").entries[0].details

    assert details is not None
    assert details.passages == (Passage("trim", 1.5),)
    assert details.tail == ("00:00:00  attempt 1", "00:00:00  trim: done in 1.5 s")
    assert details.receipt is not None
    assert ("guest", "Debian, unknown") in details.receipt.rows


def test_logs_and_receipts_that_are_not_there_are_no_reason_to_have_no_page(
    report: Callable[..., BatchReport], job: Callable[..., JobReport], tmp_path: Path
) -> None:
    done = job("one")
    done.log.unlink()

    details = gathering.page_of(report(done), tmp_path / "r.html").entries[0].details

    assert details is not None
    assert (details.passages, details.tail, details.receipt) == ((), (), None)


def test_the_receipt_that_an_earlier_run_left_is_not_told_of_a_job_that_failed(
    report: Callable[..., BatchReport], job: Callable[..., JobReport], tmp_path: Path
) -> None:
    failed = job("one", "failed")
    write_receipt(failed.receipt)

    (entry,) = gathering.page_of(report(failed), tmp_path / "r.html").entries

    assert entry.link == ""
    assert entry.details is not None
    assert entry.details.receipt is None


def test_receipts_are_linked_to_from_where_the_page_is(
    report: Callable[..., BatchReport], job: Callable[..., JobReport], tmp_path: Path
) -> None:
    (entry,) = gathering.page_of(report(job("a b")), tmp_path / "html" / "r.html").entries

    assert entry.link == "../a%20b.qcow2.receipt.json"


def test_no_name_is_taken_for_an_address_and_no_byte_is_lost() -> None:
    assert gathering.link_to(Path("/f/javascript:x\n?#.json"), Path("/f")) == "javascript%3Ax%0A%3F%23.json"
    assert gathering.link_to(Path(os.fsdecode(b"/f/\xff")), Path("/f")) == "%FF"


def test_in_a_large_farm_those_that_did_not_end_well_are_told_whole(
    report: Callable[..., BatchReport], job: Callable[..., JobReport], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gathering, "MOST_DETAILED", 3)
    states = ["done", "waiting", "failed", "done", "interrupted"]

    page = gathering.page_of(report(*(job(f"j{n}", state) for n, state in enumerate(states))), tmp_path / "r.html")

    assert [entry.details is not None for entry in page.entries] == [True, False, True, False, True]
