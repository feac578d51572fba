"""How far a farm is, as its events tell: what runs in which slot, how many jobs ended how, how long it may take. Pure."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from imagekit.farm.events import FarmStarted, JobFinished, JobRetried, JobStarted, JobWentOn

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from imagekit.events import Event


@dataclass(slots=True)
class Running:
    """A job that runs: since when, by the clock of its farm, and what goes on in it."""

    job: str
    began: float
    doing: str = ""


@dataclass(slots=True)
class FarmState:
    """What is known of a farm after the events so far.

    Attributes:
        clock: seconds that never go back.
        total: jobs in all.
        before: those that an earlier run finished.
        at_a_time: how many run at a time.
        running: by slot.
        ended: how many jobs of this run are in each state.
    """

    clock: Callable[[], float] = time.monotonic
    total: int = 0
    before: int = 0
    at_a_time: int = 1
    running: dict[int, Running] = field(default_factory=dict)
    ended: Counter[str] = field(default_factory=Counter)
    _seconds: list[float] = field(default_factory=list)

    def __call__(self, event: Event) -> None:
        """Take an event."""
        match event:
            case FarmStarted(jobs, finished, at_a_time):
                self.total, self.before, self.at_a_time = jobs, finished, max(1, at_a_time)
            case JobStarted(job, slot):
                self.running[slot] = Running(job, self.clock())
            case JobWentOn(_, slot, inner) if slot in self.running:
                self.running[slot].doing = going_on(inner) or self.running[slot].doing
            case JobRetried(job):
                self._free(job)
            case JobFinished():
                self._end(event)

    @property
    def finished(self) -> int:
        """How many jobs will not run any more: of this run and of those before it."""
        return min(self.total, self.before + self.ended.total())

    def seconds_left(self) -> float | None:
        """Return how long the rest may take, by the mean of the jobs that ended; None before the first, never negative."""
        if not self._seconds:
            return None
        mean = sum(self._seconds) / len(self._seconds)
        now = self.clock()
        rests = [max(0.0, mean - (now - each.began)) for each in self.running.values()]
        waiting = max(0, self.total - self.finished - len(rests))
        return max([(waiting * mean + sum(rests)) / self.at_a_time, *rests])

    def _end(self, event: JobFinished) -> None:
        self._free(event.job)
        self.ended[event.state] += 1
        if event.state in {"done", "failed"} and not event.reused:
            self._seconds.append(event.seconds)

    def _free(self, job: str) -> None:
        self.running = {slot: each for slot, each in self.running.items() if each.job != job}


def going_on(inner: Mapping[str, object]) -> str:
    """Return what an event of a job says that it begins now; "" if it begins nothing."""
    match inner:
        case {"event": "StageStarted", "stage": stage}:
            return str(stage)
        case {"event": "StepStarted", "position": position, "total": total, "title": title}:
            return f"step {position}/{total} {title}"
    return ""
