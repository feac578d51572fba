"""Which jobs ran beside each other: attempts as bars in lanes, as few lanes as there ever were jobs at a time. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from imagekit.farm.report.model import Entry, Look

_INSTANT = 0.05
"""Seconds by which the clocks of two jobs that followed each other may overlap."""


@dataclass(frozen=True, slots=True)
class Bar:
    """An attempt, or many short ones of the same look that are drawn as one.

    Attributes:
        entry: its job; None for many.
        begin, end: seconds since the epoch.
        host: the machine that it ran on.
        attempt: which attempt of the job it was.
        jobs: how many are drawn as one.
    """

    entry: Entry | None
    look: Look
    begin: float
    end: float
    host: str = ""
    attempt: int = 1
    jobs: int = 1


@dataclass(frozen=True, slots=True)
class Lane:
    """Attempts that ran one after another on one machine."""

    host: str
    bars: tuple[Bar, ...]

    @property
    def busy(self) -> float:
        """Seconds in which something ran."""
        return sum(bar.end - bar.begin for bar in self.bars)


def bars_of(entries: Iterable[Entry]) -> tuple[Bar, ...]:
    """Return the attempts that took time, the earliest first; all but the last one of a job have failed."""
    found = []
    for entry in entries:
        for index, outcome in enumerate(reversed(entry.attempts)):
            begin = outcome.started.timestamp()
            end = begin + max(0.0, outcome.seconds)
            look = entry.look if index == 0 and entry.state == outcome.state else outcome.state
            if not outcome.reused and math.isfinite(end):
                found.append(Bar(entry, look, begin, end, outcome.host, outcome.attempt))
    return tuple(sorted(found, key=lambda bar: (bar.begin, bar.end)))


def lanes_of(bars: Sequence[Bar]) -> tuple[Lane, ...]:
    """Return the lanes, those of a machine together; a bar goes into the first lane of its machine that is free."""
    lanes: dict[str, list[list[Bar]]] = {}
    for bar in bars:
        mine = lanes.setdefault(bar.host, [])
        free = next((lane for lane in mine if lane[-1].end <= bar.begin + _INSTANT), None)
        if free is None:
            mine.append([bar])
        else:
            free.append(bar)
    return tuple(Lane(host, tuple(lane)) for host in sorted(lanes) for lane in lanes[host])


def joined(lane: Lane, least: float) -> Lane:
    """Return the lane with neighbours of the same look drawn as one, where they are shorter than ``least`` seconds."""
    bars: list[Bar] = []
    for bar in lane.bars:
        before = bars[-1] if bars else None
        short = before and before.look == bar.look and bar.end - bar.begin < least and bar.begin - before.end < least
        if before and short and (before.jobs > 1 or before.end - before.begin < least):
            bars[-1] = replace(before, entry=None, end=max(before.end, bar.end), jobs=before.jobs + 1)
        else:
            bars.append(bar)
    return replace(lane, bars=tuple(bars))
