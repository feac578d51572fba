"""``--timings``: where the seconds of a run went, so that the rows add up to the whole."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

from imagekit.events import Event, StageFinished, StepFinished
from imagekit.farm.events import JobFinished
from imagekit_cli.lines import columns

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    Span = tuple[float, float]

_LEAST = 0.005  # what is less is 0.00 in the table


def process_age() -> float:
    """Return for how many seconds this process has been there; proc_pid_stat(5), starttime, in clock ticks since boot."""
    try:
        fields = Path("/proc/self/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
        return time.clock_gettime(time.CLOCK_BOOTTIME) - int(fields[19]) / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, IndexError):
        return 0.0


class Timings:
    """Collects what took how long, from the events of a run.

    Args:
        clock: seconds that never go back.
        age: how long the process had been there when this was made.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic, age: Callable[[], float] = process_age) -> None:
        self._clock = clock
        self._began = clock() - age()
        self._first: float | None = None
        self._rows: list[tuple[str, float]] = []
        self._spans: list[Span] = []

    def __call__(self, event: Event) -> None:
        """Take an event."""
        now = self._clock()
        match event:
            case StageFinished(stage, taken):
                self._add(stage, taken, now)
            case StepFinished(position, kind, taken, _):
                self._add(f"step {position} {kind}", taken, now)
            case JobFinished(job=job, seconds=taken):
                self._add(job, taken, now)
        if self._first is None:
            self._first = now

    def _add(self, name: str, taken: float, now: float) -> None:
        self._rows.append((name, taken))
        self._spans.append((now - taken, now))
        self._first = min(self._first or now, now - taken)

    def text(self) -> str:
        """Return a line each, in the order in which they ended, and what is in none of them; it adds up to the last."""
        now = self._clock()
        first = now if self._first is None else self._first
        counted, covered = sum(taken for _, taken in self._rows), _covered(self._spans)
        rest = [
            ("between these", now - first - covered),
            ("at the same time as others", covered - counted),
        ]
        rows = [
            ("start of the program", first - self._began),
            *self._rows,
            *((name, taken) for name, taken in rest if abs(taken) >= _LEAST),
            ("in all", now - self._began),
        ]
        return "\n".join(columns((name, f"{taken:8.2f} s") for name, taken in rows))


def _covered(spans: Iterable[Span]) -> float:
    """Return how many seconds lie in at least one of the spans."""
    total, end = 0.0, float("-inf")
    for begin, stop in sorted(spans):
        total += max(0.0, stop - max(begin, end))
        end = max(end, stop)
    return total
