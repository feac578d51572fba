"""Which jobs a run of a farm would do, and why: for ``--dry-run``. Nothing is written and nothing runs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from imagekit.engine.options import Options
from imagekit.errors import ImagekitError
from imagekit.farm.capacity import on_this_host
from imagekit.farm.finished import why_to_make
from imagekit.farm.inputs import Inputs
from imagekit.farm.job import Job
from imagekit.farm.journal import read_journal
from imagekit.farm.preparing import portable_secrets, prepare
from imagekit.farm.settling import oldest
from imagekit.farm.specs import Specs, check_specs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from imagekit.farm.document import Farm
    from imagekit.farm.journal_rows import JobRecord

_CONFIG = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class ListedJob(BaseModel):
    """A job, and whether it would run."""

    model_config = _CONFIG

    job: Job
    runs: bool
    reason: str
    """Why it would run, or "it is finished"."""


class FarmListing(BaseModel):
    """The jobs of a farm, in its order."""

    model_config = _CONFIG

    farm: str
    """Path of the farm's document."""
    journal: Path
    """Where the journal is, or would be."""
    at_a_time: int
    """How many would run at a time on this host."""
    jobs: tuple[ListedJob, ...]


def list_jobs(
    farm: Farm | str | Path,
    *,
    jobs: int | None = None,
    resume: bool = False,
    force: bool = False,
    only: Sequence[str] = (),
    shard: tuple[int, int] | None = None,
    refresh: float | None = None,
    variables: Mapping[str, str] | None = None,
    secrets: Mapping[str, str] | None = None,
    options: Options | None = None,
) -> FarmListing:
    """Return the jobs that ``batch`` would do, told the same; see there for the arguments.

    Without ``resume`` or ``refresh`` no output is looked at: all of the jobs would run.

    Raises:
        SpecError: the farm or a spec is wrong.
        HostError: the journal cannot be read.
    """
    prepared = prepare(farm, only=only, shard=shard, variables=variables)
    specs = Specs(portable_secrets(secrets or {}))
    check_specs(prepared.farm, prepared.every, specs)
    count = jobs or on_this_host(prepared.places.outputs, options or Options(), prepared.images).count
    if force or not (resume or refresh is not None):
        reasons = dict.fromkeys((job.id for job in prepared.chosen), "all are made anew" if force else "all are made")
    else:
        known = {record.job.id: record for record in read_journal(prepared.places.journal)}
        inputs, since = Inputs(specs), oldest(force=force, refresh=refresh)
        reasons = {job.id: _why(job, known.get(job.id), inputs, since) for job in prepared.chosen}
    listed = (
        ListedJob(job=job, runs=bool(reasons[job.id]), reason=reasons[job.id] or "it is finished")
        for job in prepared.chosen
    )
    return FarmListing(farm=str(prepared.path), journal=prepared.places.journal, at_a_time=count, jobs=tuple(listed))


def _why(job: Job, record: JobRecord | None, inputs: Inputs, since: datetime | None) -> str:
    """Return why a job would run; "" if its output is finished."""
    try:
        digest = inputs.of(job)
    except ImagekitError as error:
        return f"it cannot succeed: {error.code}  {error.message}"
    reason = why_to_make(job.output, digest, since=since)
    if not reason or record is None or record.outcome is None or record.state not in {"failed", "interrupted"}:
        return reason
    if record.state == "interrupted":
        return "it was interrupted"
    return f"it failed: {record.outcome.code}  {record.outcome.message}"
