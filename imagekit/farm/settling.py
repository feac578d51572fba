"""What is left to do: which outputs are finished, which may be replaced, and which are somebody else's."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from imagekit.errors import ImagekitError, SpecError
from imagekit.farm.finished import finished
from imagekit.farm.job import Task
from imagekit.farm.journal_rows import JobRecord
from imagekit.farm.outcomes import Attempt

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from imagekit.engine.options import Options
    from imagekit.farm.finished import Finished
    from imagekit.farm.job import Job, Outcome
    from imagekit.farm.preparing import Prepared

_SHOWN = 5


class FarmBegun(SpecError):
    """The farm was run before, and nobody said what is to become of that."""

    code = "IK-FARM-122"

    def __init__(self, journal: Path, done: int, jobs: int) -> None:
        self.journal = journal
        super().__init__(
            f"this farm was run before: {done} of its {jobs} jobs are done",
            why=f"its journal is {journal}",
            fix="go on with --resume, which makes only what is missing or changed, or make all anew with --force",
        )


class OutputsInTheWay(SpecError):
    """Files are where outputs shall go, and none of them is of this farm."""

    code = "IK-FARM-123"

    def __init__(self, paths: Sequence[Path]) -> None:
        self.paths = tuple(paths)
        more = f" and {len(paths) - _SHOWN} more" if len(paths) > _SHOWN else ""
        there = ", ".join(map(str, paths[:_SHOWN]))
        super().__init__(
            f"{there}{more} {'exists' if len(paths) == 1 else 'exist'}",
            why="they have no receipt for what this farm would make, nor does its journal know them",
            fix="move them away, or replace them with --force",
        )


@dataclass(frozen=True, slots=True)
class Orders:
    """What the caller wants of every task.

    Attributes:
        options, secrets: as for a single build.
        stop: the stop file of this run.
        force: make all anew, and replace whatever is there.
        since: an output whose build began before is too old; None if none is.
    """

    options: Options
    secrets: Mapping[str, str]
    stop: Path
    force: bool = False
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Settled:
    """What the journal is to say of all jobs now, and the tasks that are left."""

    records: tuple[JobRecord, ...]
    tasks: tuple[Task, ...]


def settle(prepared: Prepared, known: Sequence[JobRecord], orders: Orders, inputs_of: Callable[[Job], str]) -> Settled:
    """Decide for every job whether there is something to do; nothing is changed.

    An output is finished by its receipt alone, whatever the journal says. What is not finished is made anew in its
    place if a run of this farm began it.

    Args:
        prepared: the farm.
        known: what the journal has of it.
        orders: for the tasks.
        inputs_of: returns the digest of what goes into a job; raises ImagekitError for one that cannot even begin.

    Raises:
        OutputsInTheWay: something else is at the path of an output.
    """
    before = {record.job.id: record for record in known}
    chosen = {job.id for job in prepared.chosen}
    records, tasks, strange = [], [], []
    for job in prepared.jobs:
        old = before.get(job.id, JobRecord(job, ""))
        if job.id not in chosen:
            records.append(replace(old, job=job))
            continue
        task = _task(prepared, job, orders, ours=old.begun and old.job.output.name == job.output.name)
        record, due = _judge(task, old, inputs_of)
        records.append(record)
        tasks += [due] if due else []
        if due and not due.replace and os.path.lexists(job.output):
            strange.append(job.output)
    if strange:
        raise OutputsInTheWay(strange)
    return Settled(tuple(records), tuple(tasks))


def _task(prepared: Prepared, job: Job, orders: Orders, *, ours: bool) -> Task:
    return Task(
        job=job,
        inputs="",
        secrets=dict(orders.secrets),
        options=orders.options,
        replace=ours or orders.force,
        since=orders.since,
        log=prepared.places.log(job),
        stop=orders.stop,
    )


def _judge(task: Task, old: JobRecord, inputs_of: Callable[[Job], str]) -> tuple[JobRecord, Task | None]:
    """Return what is known of a job now, and its task if there is something to do.

    A job whose inputs cannot be read fails like any other when its turn comes.
    """
    job = task.job
    try:
        inputs = inputs_of(job)
    except ImagekitError:
        inputs = ""
    there = finished(job.output, inputs, since=task.since)
    if there is None:
        due = task.model_copy(update={"inputs": inputs})
        return replace(old, job=job, inputs=inputs, state="waiting"), due
    return replace(old, job=job, inputs=inputs, state="done", outcome=_reused(old, there, Attempt.begin(task))), None


def _reused(old: JobRecord, there: Finished, attempt: Attempt) -> Outcome:
    """Return how the finished output came to be, as far as the journal knows it."""
    known = old.outcome
    if known is not None and known.state == "done" and known.sha256 == there.sha256:
        return known.model_copy(update={"reused": True})
    return attempt.done(there.sha256, there.size, reused=True)


def oldest(now: datetime | None = None, *, force: bool, refresh: float | None) -> datetime | None:
    """Return the moment before which no build may have begun; None if it does not matter.

    Args:
        now: the moment of this run.
        force: all is made anew.
        refresh: seconds that an output may be old.
    """
    moment = now or datetime.now(UTC)
    if force:
        return moment
    return None if refresh is None else datetime.fromtimestamp(moment.timestamp() - refresh, UTC)
