"""What a run tells its caller while it goes on: small frozen events, sent to ``on_event``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass


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


OnEvent = Callable[[Event], None]


def silent(event: Event) -> None:
    """Take an event and do nothing: the default listener."""
