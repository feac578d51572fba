"""Events of a farm as plain sentences. Pure."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from imagekit.events import event_of
from imagekit.farm.events import FarmFinished, FarmStarted, JobFinished, JobRetried, JobStarted, JobWentOn
from imagekit.wording import many, seconds, told

if TYPE_CHECKING:
    from collections.abc import Mapping

    from imagekit.events import Event

_ENDED = ("done", "failed", "interrupted", "skipped", "waiting")


def told_of_farm(event: Event) -> str:
    """Return an event of a farm as a sentence; "" for others."""
    if isinstance(event, FarmStarted | FarmFinished):
        return _of_all(event)
    match event:
        case JobStarted(job, _, attempt):
            return f"{job}: started" + (f", attempt {attempt}" if attempt > 1 else "")
        case JobWentOn(job, _, inner):
            known = event_of(inner)
            return f"{job}: {told(known) if known else inner}"
        case JobRetried(job, attempt, code, message):
            return f"{job}: will run once more after attempt {attempt}: {code}  {message}"
        case JobFinished(job):
            return f"{job}: {how_it_ended(event)}"
    return ""


def _of_all(event: FarmStarted | FarmFinished) -> str:
    if isinstance(event, FarmFinished):
        return f"{counts(dataclasses.asdict(event))} in {seconds(event.seconds)}"
    before = f", {event.finished} of them finished before" if event.finished else ""
    return f"{many(event.jobs, 'job')}{before}; {event.at_a_time} at a time; the journal is {event.journal}"


def how_it_ended(event: JobFinished) -> str:
    """Return how a job ended: ``done in 12.3 s``, ``failed after 3.0 s: IK-STEP-001  …``."""
    if event.state == "done":
        return "finished already" if event.reused else f"done in {seconds(event.seconds)}"
    reason = "  ".join(part for part in (event.code, event.message) if part)
    after = f" after {seconds(event.seconds)}" if event.seconds else ""
    return f"{event.state}{after}" + (f": {reason}" if reason else "")


def counts(states: Mapping[str, int]) -> str:
    """Return how many jobs are in each state that has any: ``22 done, 2 failed``."""
    return ", ".join(f"{states[name]} {name}" for name in _ENDED if states.get(name)) or "no jobs"
