"""``batch``: many images by many specs, each in a process of its own, with a journal to go on from."""

from __future__ import annotations

import contextlib
import secrets as random
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from imagekit.engine.options import Options
from imagekit.errors import ImagekitError, Interrupted
from imagekit.events import OnEvent, silent
from imagekit.farm.attend import attend
from imagekit.farm.capacity import on_this_host
from imagekit.farm.events import FarmFinished, FarmStarted
from imagekit.farm.inputs import Inputs
from imagekit.farm.journal import open_journal
from imagekit.farm.preparing import portable_options, portable_secrets, prepare
from imagekit.farm.runner import Rules, Runner
from imagekit.farm.settling import FarmBegun, Orders, oldest, settle
from imagekit.farm.specs import Specs, check_specs
from imagekit.farm.summary import BatchReport, JobReport
from imagekit.images.workspace import FolderUnusable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from concurrent.futures import Executor

    from imagekit.farm.document import Farm
    from imagekit.farm.job import Job, Outcome, Task
    from imagekit.farm.journal import Journal
    from imagekit.farm.preparing import Prepared
    from imagekit.farm.settling import Settled


@dataclass(frozen=True, slots=True)
class _Means:
    """Who runs the tasks, how many at a time, and whom it is told."""

    executor: Executor | None
    scheduler: str | None
    jobs: int | None
    fail_fast: bool
    retries: int
    html: Path | None
    on_event: OnEvent
    work: Callable[[Task], Outcome]


@dataclass(frozen=True, slots=True)
class _Wish:
    """What goes into every job, and what is to become of outputs that are there."""

    variables: Mapping[str, str]
    secrets: Mapping[str, str]
    options: Options
    resume: bool
    force: bool
    since: datetime | None


def batch(
    farm: Farm | str | Path,
    *,
    executor: Executor | None = None,
    scheduler: str | None = None,
    jobs: int | None = None,
    resume: bool = False,
    force: bool = False,
    refresh: float | None = None,
    only: Sequence[str] = (),
    shard: tuple[int, int] | None = None,
    fail_fast: bool = False,
    retries: int = 2,
    variables: Mapping[str, str] | None = None,
    secrets: Mapping[str, str] | None = None,
    options: Options | None = None,
    html: str | Path | None = None,
    on_event: OnEvent = silent,
    work: Callable[[Task], Outcome] = attend,
) -> BatchReport:
    """Make every output of a farm, each in a process of its own; one that fails stops no other.

    * ``farm``: its document, or a Farm whose paths are relative to the current folder.
    * ``executor``, ``scheduler``, ``work``: an Executor, or the address of Dask's scheduler, that runs ``work``; else
      threads do.
    * ``jobs``: how many run at a time; if None, what cores, memory and disk of this host, or the cluster, allow.
    * ``resume``, ``force``, ``refresh``: make what is missing or changed; all; what is older than so many seconds too.
    * ``only``, ``shard``: patterns of ids of jobs; (I, N) is the I-th of N shares, with a journal of its own.
    * ``fail_fast``, ``retries``: begin nothing after a failure; more attempts, for trouble that may pass.
    * ``variables``, ``secrets``, ``options``: for every job, as for a single build; no secret from a descriptor.
    * ``html``: where to write a report, also of a run that is interrupted.
    * ``on_event``: gets what happens: ``imagekit.farm.events``.
    """
    page = None if html is None else Path(html)
    means = _Means(executor, scheduler, jobs, fail_fast, retries, page, on_event, work)
    since = oldest(force=force, refresh=refresh)
    resume = resume or refresh is not None
    return _carry_out(
        farm, only, shard, _Wish(variables or {}, secrets or {}, options or Options(), resume, force, since), means
    )


def _carry_out(
    farm: Farm | str | Path, only: Sequence[str], shard: tuple[int, int] | None, wish: _Wish, means: _Means
) -> BatchReport:
    """Decide everything, then run.

    Raises:
        SpecError: the farm or a spec is wrong, it was begun before, or files are in the way; nothing was begun.
        HostError: another runner works on the farm, or its journal cannot be used.
        Interrupted: by the user; the journal is true, and nothing runs any more.
    """
    try:
        prepared = prepare(farm, only=only, shard=shard, variables=wish.variables)
        secrets = portable_secrets(wish.secrets)
        specs = Specs(secrets)
        check_specs(prepared.farm, prepared.every, specs)
        stop = prepared.places.logs / f"{_stop_prefix(prepared)}{random.token_hex(4)}"
        orders = Orders(portable_options(wish.options), secrets, stop, wish.force, wish.since)
        return _run(prepared, orders, means, specs, resume=wish.resume)
    except KeyboardInterrupt as stopped:
        fix = "go on with --resume"
        raise Interrupted("the farm was ended before it was done", fix=fix) from stopped


def _stop_prefix(prepared: Prepared) -> str:
    return f"stop-{prepared.places.journal.stem}-"


def _run(prepared: Prepared, orders: Orders, means: _Means, specs: Specs, *, resume: bool) -> BatchReport:
    """Hold the journal, decide what is left to do, and do it."""
    places = prepared.places
    _make_folder(places.outputs)
    with open_journal(places.journal, places.document) as journal:
        known = journal.records()
        if any(record.begun for record in known) and not (resume or orders.force):
            raise FarmBegun(places.journal, sum(record.state == "done" for record in known), len(prepared.jobs))
        settled = settle(prepared, known, orders, Inputs(specs).of)
        for folder in sorted({places.logs, *(task.job.output.parent for task in settled.tasks)}):
            _make_folder(folder)
        for stale in places.logs.glob(f"{_stop_prefix(prepared)}*"):  # of runs that were killed
            stale.unlink(missing_ok=True)
        journal.begin(settled.records)
        with _executor(prepared, means, orders.options, len(settled.tasks)) as (executor, count):
            run = _Run(prepared, journal, means, executor, count, datetime.now(UTC), time.monotonic())
            return run.run(settled, orders.stop)


@contextlib.contextmanager
def _executor(prepared: Prepared, means: _Means, options: Options, tasks: int) -> Iterator[tuple[Executor, int]]:
    """Yield who runs the tasks, and how many at a time."""
    if means.scheduler is not None:
        from imagekit.farm.distributed import dask_executor  # noqa: PLC0415  only who asks for it pays for it

        with dask_executor(means.scheduler) as (executor, slots):
            yield executor, means.jobs or slots
        return
    count = means.jobs or on_this_host(prepared.places.outputs, options, prepared.images).count
    if means.executor is not None:
        yield means.executor, count
        return
    with ThreadPoolExecutor(max(1, min(count, tasks)), thread_name_prefix="imagekit-job") as threads:
        yield threads, count


def _make_folder(folder: Path) -> None:
    """Make a folder for outputs or logs.

    Raises:
        FolderUnusable: the host refuses.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as refused:
        raise FolderUnusable(folder, refused.strerror or str(refused)) from refused


@dataclass(frozen=True, slots=True)
class _Run:
    """One run, with everything decided."""

    prepared: Prepared
    journal: Journal
    means: _Means
    executor: Executor
    at_a_time: int
    started: datetime
    began: float

    def run(self, settled: Settled, stop: Path) -> BatchReport:
        """Run the tasks; on every way out the journal is true, and the report is written."""
        tell, jobs = self.means.on_event, len(self.prepared.chosen)
        rules = Rules(self.at_a_time, self.means.fail_fast, self.means.retries)
        runner = Runner(self.executor, self.journal, rules, stop=stop, on_event=tell, work=self.means.work)
        try:
            tell(FarmStarted(jobs, jobs - len(settled.tasks), self.at_a_time, str(self.journal.path)))
            runner.run(settled.tasks)
        except BaseException:
            with contextlib.suppress(ImagekitError, OSError):  # the reason for the end is what counts
                self._finish(interrupted=True)
            raise
        return self._finish(interrupted=False)

    def _finish(self, *, interrupted: bool) -> BatchReport:
        """Close the journal, write the page, and say what the run came to."""
        self.journal.close("interrupted" if interrupted else "finished")
        report = self._report(interrupted=interrupted)
        if self.means.html is not None:
            from imagekit.farm.report import write_report  # noqa: PLC0415  only who asks for it pays for it

            write_report(report, self.means.html)
        self.means.on_event(
            FarmFinished(
                done=report.count("done"),
                failed=report.count("failed"),
                interrupted=report.count("interrupted"),
                waiting=report.count("waiting"),
                skipped=report.count("skipped"),
                seconds=report.seconds,
            )
        )
        return report

    def _report(self, *, interrupted: bool) -> BatchReport:
        places, known = self.prepared.places, {record.job.id: record for record in self.journal.records()}

        def told(job: Job) -> JobReport:
            record = known[job.id]
            return JobReport(
                job=record.job,
                inputs=record.inputs,
                state=record.state,
                attempt=record.attempt,
                outcome=record.outcome,
                log=places.log(job),
            )

        return BatchReport(
            name=self.prepared.farm.name or "",
            farm=str(self.prepared.path),
            journal=places.journal,
            logs=places.logs,
            started=self.started,
            seconds=round(time.monotonic() - self.began, 3),
            at_a_time=self.at_a_time,
            interrupted=interrupted,
            jobs=tuple(map(told, self.prepared.chosen)),
        )
