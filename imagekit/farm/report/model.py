"""What the page of a farm tells: all of it plain data, so that the page is a pure function of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from datetime import datetime

    from imagekit.farm.job import Job, Outcome, State

Look = Literal["done", "reused", "failed", "interrupted", "running", "waiting", "skipped"]
"""How a job is shown: its state, or ``reused`` if it was done before and nothing had to be done."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A stage or a step of a build.

    Attributes:
        name: what was done.
        seconds: None if it began and never ended.
        changes: paths that a step changed; None for a stage.
    """

    name: str
    seconds: float | None
    changes: int | None = None


@dataclass(frozen=True, slots=True)
class ReceiptFacts:
    """What a receipt says in short: pairs of a name and its value."""

    rows: tuple[tuple[str, str], ...]
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Details:
    """What the log and the receipt of a job say.

    Attributes:
        passages: stages and steps of its last attempt, in the order in which they began.
        tail: the last lines of its log.
        earlier: attempts before the last one.
        receipt: None if there is none, or none that can be read.
    """

    passages: tuple[Passage, ...] = ()
    tail: tuple[str, ...] = ()
    earlier: tuple[Outcome, ...] = ()
    receipt: ReceiptFacts | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One job.

    Attributes:
        number: its place in the farm, from 1; the page's own name for it.
        outcome: of its last attempt that ended.
        attempt: how often it was begun.
        image, spec, output: as the reader knows them, relative to the farm file where that is shorter.
        link: address of its receipt, relative to the page; "" if there is none.
        details: None where the farm is too large to tell this of every job.
    """

    number: int
    job: Job
    state: State
    image: str
    spec: str
    output: str
    outcome: Outcome | None = None
    attempt: int = 0
    link: str = ""
    details: Details | None = None

    @property
    def look(self) -> Look:
        """How the job is shown."""
        return "reused" if self.state == "done" and self.outcome and self.outcome.reused else self.state

    @property
    def attempts(self) -> tuple[Outcome, ...]:
        """What is known of its attempts, the first one first."""
        earlier = self.details.earlier if self.details else ()
        return (*earlier, self.outcome) if self.outcome else earlier


@dataclass(frozen=True, slots=True)
class FarmPage:
    """A farm after a run, or while one goes on.

    Attributes:
        farm: the farm file as the user named it; "" for a farm that was made in Python.
        seconds: of the last run.
        entries: in the order of the farm.
    """

    name: str
    farm: str
    version: str
    started: datetime
    seconds: float
    entries: tuple[Entry, ...] = field(default=())

    def having(self, *looks: Look) -> tuple[Entry, ...]:
        """Return the jobs that look like one of these."""
        return tuple(entry for entry in self.entries if entry.look in looks)

    @property
    def hosts(self) -> tuple[str, ...]:
        """The machines that ran jobs, by name."""
        return tuple(sorted({outcome.host for entry in self.entries for outcome in entry.attempts if outcome.host}))
