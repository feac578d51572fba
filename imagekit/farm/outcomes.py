"""One attempt at a task, and the ways in which it may end."""

from __future__ import annotations

import platform
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Self

from imagekit.errors import ApplianceError, HostError, ImagekitError, Interrupted
from imagekit.farm.job import Outcome

if TYPE_CHECKING:
    from imagekit.farm.job import Task

TERMINATED = 143
"""Exit status of a command that SIGTERM ended: 128 and the signal's number, as shells say it."""


class JobDied(ApplianceError):
    """The process of a job ended without telling how."""

    code = "IK-FARM-101"

    def __init__(self, job: str, how: str, said: str) -> None:
        self.job = job
        self.how = how
        self.said = said
        super().__init__(
            f"the process of {job} {how}",
            why=said or "it said nothing",
            fix="if the host ran out of memory, run fewer jobs at a time: --jobs",
        )


class JobOutOfTime(ApplianceError):
    """A job did not end when its time was up, and was ended."""

    code = "IK-FARM-102"

    def __init__(self, job: str, seconds: float) -> None:
        self.job = job
        self.seconds = seconds
        super().__init__(f"{job} did not end within {seconds:.0f} s", fix="allow more with --timeout SECONDS")


class JobLost(HostError):
    """The executor lost a job: nobody knows how it ended."""

    code = "IK-FARM-103"

    def __init__(self, job: str, error: BaseException | None) -> None:
        self.job = job
        reason = (
            f"{type(error).__name__}: {error}".rstrip(": ") if error else "nothing that is the end of a job came back"
        )
        super().__init__(
            f"{job} was lost by whoever ran it", why=reason, fix="look at the machine or worker that ran it"
        )


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt at a task that began at ``started``, by two clocks: of the day, and one that never jumps."""

    task: Task
    started: datetime
    began: float

    @classmethod
    def begin(cls, task: Task) -> Self:
        """Begin now."""
        return cls(task, datetime.now(UTC), time.monotonic())

    def _outcome(self, **fields: Any) -> Outcome:
        return Outcome(
            job=self.task.job.id,
            attempt=self.task.attempt,
            started=self.started,
            seconds=round(time.monotonic() - self.began, 3),
            host=platform.node(),
            **fields,
        )

    def done(self, sha256: str, size: int, *, reused: bool = False) -> Outcome:
        """Return that the output is there, whole, with its receipt."""
        return self._outcome(state="done", sha256=sha256, size=size, reused=reused)

    def interrupted(self) -> Outcome:
        """Return that the job was asked to end."""
        message = "the job was ended before it was done"
        return self._outcome(state="interrupted", exit_status=TERMINATED, code=Interrupted.code, message=message)

    def failed(self, error: ImagekitError) -> Outcome:
        """Return that the job failed; a spec's problems are told with their places."""
        if isinstance(error, Interrupted):
            return self.interrupted()
        return self._outcome(
            state="failed",
            exit_status=error.exit_status,
            code=error.code,
            cause=getattr(error, "cause_code", ""),
            message=error.message,
            why=str(error) if getattr(error, "diagnostics", ()) else error.why,
            fix=error.fix,
        )

    def bug(self, error: BaseException) -> Outcome:
        """Return that something escaped that nobody expected."""
        told = f"{type(error).__name__}: {error}".rstrip(": ")
        return self._outcome(
            state="failed",
            exit_status=1,
            code="IK-BUG-001",
            message=f"this is a bug in imagekit: {told}",
            why=f"the traceback is in {self.task.log}",
            fix="report it, with that file if you can",
        )

    def measured(self, outcome: Outcome) -> Outcome:
        """Return what somebody else says of this attempt, with our own clock around it."""
        seconds = round(time.monotonic() - self.began, 3)
        return outcome.model_copy(update={"started": self.started, "seconds": seconds, "attempt": self.task.attempt})
