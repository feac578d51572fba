"""The page's data, from the report of a run and from what stands beside it: logs and receipts."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from imagekit.engine.version import imagekit_version
from imagekit.farm.joblog import read_log
from imagekit.farm.report import logs, receipts
from imagekit.farm.report.model import Details, Entry, FarmPage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imagekit.farm.summary import BatchReport, JobReport

MOST_DETAILED = 300
"""Jobs whose log and receipt are told, those that did not end well first: a page of ten thousand must still open."""
TAIL = 40
"""Lines of a log that are shown."""
_LARGEST_RECEIPT = 16 << 20


def page_of(report: BatchReport, where: Path) -> FarmPage:
    """Return the page of a run.

    Args:
        report: of a run that ended, or goes on.
        where: of the page; receipts are linked to relative to it.
    """
    folder = Path(report.farm).absolute().parent if report.farm else None
    detailed = _detailed(report.jobs)
    return FarmPage(
        name=report.name or Path(report.farm).stem or "without a name",
        farm=report.farm,
        version=imagekit_version(),
        started=report.started,
        seconds=report.seconds,
        entries=tuple(
            _entry(number, each, folder, where.absolute().parent, detailed=number in detailed)
            for number, each in enumerate(report.jobs, 1)
        ),
    )


def _detailed(jobs: Sequence[JobReport]) -> frozenset[int]:
    """Return the numbers of the jobs of which all is told."""
    rank = {"failed": 0, "interrupted": 1, "running": 2}
    order = sorted(range(len(jobs)), key=lambda index: rank.get(jobs[index].state, 3))
    return frozenset(index + 1 for index in order[:MOST_DETAILED])


def _entry(number: int, report: JobReport, folder: Path | None, page: Path, *, detailed: bool) -> Entry:
    job = report.job
    return Entry(
        number=number,
        job=job,
        state=report.state,
        image=_near(job.image, folder),
        spec=_near(job.spec, folder),
        output=_near(job.output, folder),
        outcome=report.outcome,
        attempt=report.attempt,
        link=link_to(report.receipt, page) if report.state == "done" else "",
        details=_details(report) if detailed else None,
    )


def _near(path: Path, folder: Path | None) -> str:
    return str(path.relative_to(folder)) if folder and path.is_relative_to(folder) else str(path)


def link_to(path: Path, folder: Path) -> str:
    """Return the address of a file, relative to a folder; every byte of a name is kept, and none is taken for a scheme."""
    return quote(os.fsencode(os.path.relpath(path, folder)))


def _details(report: JobReport) -> Details:
    log = read_log(report.log)
    last = logs.last_attempt(log)
    receipt = None
    if report.state == "done":
        receipt = receipts.read_receipt(_start_of(report.receipt))
    return Details(
        passages=logs.passages_of(last) or (receipts.passages_of(receipt) if receipt else ()),
        tail=logs.tail_of(last, TAIL),
        earlier=logs.earlier_outcomes(log),
        receipt=receipts.facts_of(receipt) if receipt else None,
    )


def _start_of(path: Path) -> bytes:
    try:
        with path.open("rb") as opened:
            return opened.read(_LARGEST_RECEIPT)
    except OSError:
        return b""
