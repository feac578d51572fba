"""What a run tells its caller while it goes on: small frozen events, sent to ``on_event``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, asdict, dataclass, fields


@dataclass(frozen=True, slots=True)
class Event:
    """The root of all events."""

    def document(self) -> dict[str, object]:
        """Return the event as plain data, for JSON Lines."""
        return {"event": type(self).__name__, **asdict(self)}


@dataclass(frozen=True, slots=True)
class StageStarted(Event):
    """A stage of the build began: what is done, and what is awaited."""

    stage: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class StageFinished(Event):
    """A stage of the build ended, after so many seconds."""

    stage: str
    seconds: float


@dataclass(frozen=True, slots=True)
class StepStarted(Event):
    """A step began; ``position`` counts from 1 in the order that runs."""

    position: int
    total: int
    kind: str
    title: str


@dataclass(frozen=True, slots=True)
class StepFinished(Event):
    """A step ended, after so many seconds, with so many changes."""

    position: int
    kind: str
    seconds: float
    changes: int


@dataclass(frozen=True, slots=True)
class Notice(Event):
    """One plain line that the user should see, such as a fall-back to emulation."""

    text: str


OF_BUILDS: tuple[type[Event], ...] = (StageStarted, StageFinished, StepStarted, StepFinished, Notice)
"""What a build tells; a later release may know more."""
_NAMED = {each.__name__: each for each in OF_BUILDS}
_TYPES: dict[str, tuple[type, ...]] = {"str": (str,), "int": (int,), "float": (int, float)}


def event_of(document: Mapping[str, object]) -> Event | None:
    """Return the event of a build that ``Event.document`` made a document of; None if this release has no such event.

    What stands in the document besides is passed over.
    """
    kind = _NAMED.get(str(document.get("event")))
    if kind is None:
        return None
    known = [each for each in fields(kind) if each.name in document or each.default is MISSING]
    if not all(isinstance(document.get(each.name), _TYPES[str(each.type)]) for each in known):
        return None
    return kind(**{each.name: document[each.name] for each in known})


OnEvent = Callable[[Event], None]


def silent(event: Event) -> None:
    """Take an event and do nothing: the default listener."""
