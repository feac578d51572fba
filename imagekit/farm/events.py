"""What a farm tells while it goes on; each is one line of ``imagekit batch --json``, see ``Event.document``."""

from __future__ import annotations

from dataclasses import dataclass

from imagekit.events import Event


@dataclass(frozen=True, slots=True)
class FarmStarted(Event):
    """A run of a farm began: jobs in all, those that are finished already, how many run at a time, and the journal."""

    jobs: int
    finished: int
    at_a_time: int
    journal: str


@dataclass(frozen=True, slots=True)
class JobStarted(Event):
    """A job was given away; ``slot`` counts from 0 and is free again when the job ends."""

    job: str
    slot: int
    attempt: int
    output: str


@dataclass(frozen=True, slots=True)
class JobWentOn(Event):
    """Something happened in a job: its own event, as ``Event.document`` makes it."""

    job: str
    slot: int
    inner: dict[str, object]


@dataclass(frozen=True, slots=True)
class JobFinished(Event):
    """A job ended; see ``Outcome`` for the fields."""

    job: str
    slot: int
    state: str
    reused: bool
    attempt: int
    seconds: float
    exit_status: int
    code: str
    message: str
    output: str


@dataclass(frozen=True, slots=True)
class JobRetried(Event):
    """A job failed for a reason that may have passed, and will run once more."""

    job: str
    attempt: int
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class FarmFinished(Event):
    """A run of a farm ended: how many jobs are in each state."""

    done: int
    failed: int
    interrupted: int
    waiting: int
    skipped: int
    seconds: float
