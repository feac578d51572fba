"""What a run of a farm came to."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from imagekit.errors import StepError
from imagekit.farm.job import Job, Outcome, State
from imagekit.images.publish import receipt_beside

_CONFIG = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class JobReport(BaseModel):
    """What is known of a job at the end of a run."""

    model_config = _CONFIG

    job: Job
    inputs: str
    """Digest of all that goes in; "" if it could not be made."""
    state: State
    attempt: int = 0
    """How many attempts were begun; 0 if it never ran."""
    outcome: Outcome | None = None
    """How its last attempt ended, in this run or an earlier one."""
    log: Path
    """Its events, one JSON document a line; nothing is there if it never ran."""

    @property
    def receipt(self) -> Path:
        """Where the receipt of its output stands, once it is done."""
        return receipt_beside(self.job.output)


class BatchReport(BaseModel):
    """Every job that this run was to do, and how each ended."""

    model_config = _CONFIG

    version: Literal[1] = 1
    name: str = ""
    """What the farm's document says it is called."""
    farm: str
    """Path of that document."""
    journal: Path
    logs: Path
    """Folder of the jobs' logs."""
    started: datetime
    seconds: float
    at_a_time: int
    """How many jobs ran at a time, at the most."""
    interrupted: bool = False
    """The run was ended before it was done."""
    jobs: tuple[JobReport, ...]
    """In the order of the farm."""

    def count(self, state: State) -> int:
        """Return how many jobs are in a state."""
        return sum(job.state == state for job in self.jobs)

    @property
    def failed(self) -> tuple[JobReport, ...]:
        """The jobs that failed."""
        return tuple(job for job in self.jobs if job.state == "failed")

    @property
    def exit_status(self) -> int:
        """What the ``imagekit`` command exits with: 0 if every job is done, else 7."""
        return 0 if all(job.state == "done" for job in self.jobs) else StepError.exit_status
