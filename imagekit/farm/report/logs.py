"""What the log of a job tells: the stages and steps of its last attempt, and its last lines. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from imagekit.events import StageFinished, StageStarted, StepFinished, StepStarted, event_of
from imagekit.farm.job import Outcome
from imagekit.farm.report.model import Passage
from imagekit.wording import told

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    Document = Mapping[str, Any]

_LONGEST = 2000
"""Characters of a line; a guest program may write megabytes into one."""


def last_attempt(log: Sequence[Document]) -> Sequence[Document]:
    """Return the part of a log that is of the last attempt."""
    begins = [index for index, each in enumerate(log) if each.get("event") == "AttemptStarted"]
    return log[begins[-1] :] if begins else log


def earlier_outcomes(log: Sequence[Document]) -> tuple[Outcome, ...]:
    """Return how the attempts before the last one ended, as far as they lived to tell it."""
    found = []
    for document in log[: len(log) - len(last_attempt(log))]:
        if document.get("event") == "Outcome":
            try:
                fields = {key: value for key, value in document.items() if key in Outcome.model_fields}
                found.append(Outcome.model_validate(fields))
            except ValidationError:
                continue
    return tuple(found)


def passages_of(log: Sequence[Document]) -> tuple[Passage, ...]:
    """Return stages and steps in the order in which they began; what never ended has no seconds."""
    found: dict[str, Passage] = {}
    for document in log:
        match event_of(document):
            case StageStarted(stage):
                found[f"stage {stage}"] = Passage(stage, None)
            case StageFinished(stage, taken):
                found[f"stage {stage}"] = Passage(stage, taken)
            case StepStarted(position, _, _, title):
                found[f"step {position}"] = Passage(title, None, 0)
            case StepFinished(position, kind, taken, changes):
                begun = found.get(f"step {position}", Passage(kind, None))
                found[f"step {position}"] = replace(begun, seconds=taken, changes=changes)
    return tuple(found.values())


def tail_of(log: Sequence[Document], count: int) -> tuple[str, ...]:
    """Return the last lines of a log as text, the time of day (UTC) before each."""
    lines = [f"{_clock(each)}{line}" for each in log[-count:] for line in _sentences(each)]
    return tuple(line if len(line) <= _LONGEST else f"{line[:_LONGEST]} …" for line in lines[-count:])


def _sentences(document: Document) -> Iterator[str]:
    event = event_of(document)
    if event is not None:
        yield from told(event).splitlines()
        return
    match document:
        case {"event": "AttemptStarted", "attempt": attempt}:
            yield f"attempt {attempt}"
        case {"event": "Outcome", "state": state}:
            yield " ".join(str(part) for part in (state, document.get("code"), document.get("message")) if part)
        case {"event": _, "text": str(text)}:
            yield from text.splitlines()
        case _:
            yield str({key: value for key, value in document.items() if key != "at"})


def _clock(document: Document) -> str:
    at = document.get("at")
    try:
        return f"{datetime.fromtimestamp(at, UTC):%H:%M:%S}  " if isinstance(at, int | float) else ""
    except (ValueError, OverflowError, OSError):
        return ""
