"""A farm for a person: a line for each job as it ends, what it came to, and for ``--dry-run`` the jobs there are."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from imagekit.wording import many, seconds
from imagekit_cli.farm_words import counts, how_it_ended
from imagekit_cli.lines import Line, Style, columns

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imagekit.farm.events import JobFinished
    from imagekit.farm.listing import FarmListing, ListedJob
    from imagekit.farm.summary import BatchReport, JobReport

_STYLES: dict[str, Style] = {"done": "good", "failed": "bad", "interrupted": "changed", "skipped": "dim"}


def result_line(event: JobFinished) -> Line:
    """Return the one line of a job that ended: its state, its id, its output or what was wrong, and the time."""
    ending = how_it_ended(event).removeprefix(event.state).strip()
    what = f"{shown(event.output)}  {ending}" if event.state == "done" else ending
    return Line(f"{event.state:<11}  {event.job}  {what}".rstrip(), _STYLES.get(event.state, ""))


def summary_lines(report: BatchReport, html: Path | None) -> Iterator[Line]:
    """Yield a table of the jobs that failed, what mends them, where to look, and the counts."""
    yield Line("")
    if report.failed:
        yield from _failed(report.failed)
        yield Line("")
    yield from _places(report, html)
    before = sum(1 for job in report.jobs if job.state == "done" and (job.outcome is None or job.outcome.reused))
    told = counts(Counter(job.state for job in report.jobs))
    told += f", {before} of the done finished before" if before else ""
    style: Style = "good" if report.exit_status == 0 else "bad"
    yield Line(f"{many(len(report.jobs), 'job')} in {seconds(report.seconds)}: {told}", style)


def _failed(jobs: tuple[JobReport, ...]) -> Iterator[Line]:
    """Yield a row for each, and below it why and what to do."""
    head = ("failed job", "exit", "code", "attempts", "took", "what happened")
    texts = list(columns([head, *map(_row, jobs)]))
    yield Line(texts[0], "dim")
    for text, job in zip(texts[1:], jobs, strict=True):
        yield Line(text, "bad")
        why, fix = (job.outcome.why, job.outcome.fix) if job.outcome else ("", "")
        yield from (Line(f"  why:  {why}") for _ in [0] if why)
        yield from (Line(f"  fix:  {fix}") for _ in [0] if fix)
        yield Line(f"  log:  {shown(job.log)}", "place")


def _row(job: JobReport) -> tuple[str, ...]:
    if job.outcome is None:
        return (job.job.id, "-", "-", str(job.attempt), "-", "")
    ended = job.outcome
    status = str(ended.exit_status)
    return (job.job.id, status, ended.code or "-", str(job.attempt), seconds(ended.seconds), ended.message)


def _places(report: BatchReport, html: Path | None) -> Iterator[Line]:
    yield Line(f"journal  {shown(report.journal)}", "place")
    if html is not None:
        yield Line(f"report   {shown(html)}", "place")
    if report.exit_status:
        yield Line(f"again    imagekit batch {report.farm} --resume")


def listing_lines(listing: FarmListing) -> Iterator[Line]:
    """Yield a row for each job: whether it would run and why, its id, and what it is made of; at the end the counts."""
    rows = [("", "job", "image", "spec", "values", "output", "because"), *map(_listed, listing.jobs)]
    styles: list[Style] = ["dim", *("" if each.runs else "dim" for each in listing.jobs)]
    for text, style in zip(columns(rows), styles, strict=True):
        yield Line(text, style)
    runs = sum(each.runs for each in listing.jobs)
    yield Line(f"{many(len(listing.jobs), 'job')}, {runs} to run, {listing.at_a_time} at a time", "head")


def _listed(each: ListedJob) -> tuple[str, ...]:
    job = each.job
    values = " ".join(f"{name}={value}" for name, value in job.values.items())
    mark = "run" if each.runs else "-"
    return (mark, job.id, shown(job.image), shown(job.spec), values or "-", shown(job.output), each.reason)


def shown(path: Path | str) -> str:
    """Return a path as short as it can be from the current folder."""
    path, here = Path(path), Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)
