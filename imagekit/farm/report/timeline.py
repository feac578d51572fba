"""The way from a time to a place on the page: hours in which nothing ran, between two runs, take next to no room. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400)
_LABELS = 5
_APART = 0.03
"""Of the whole width, for each character of a label: two labels that are nearer would touch on a phone."""
_IDLE, _IDLE_SHARE = 60.0, 0.05
"""An idle time is cut out if it is longer than so many seconds, and than that share of the time in which jobs ran."""
_CUT, _ALL_CUTS = 0.02, 0.2
"""What a cut takes of the width, and what all of them take at the most."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A time in which jobs ran; begin and end in seconds since the epoch, left and right in parts of the width."""

    begin: float
    end: float
    left: float
    right: float


@dataclass(frozen=True, slots=True)
class Tick:
    """A time that is written at its place."""

    left: float
    label: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """Stretches, the earliest first; between two of them nothing ran."""

    stretches: tuple[Stretch, ...]

    def at(self, moment: float) -> float:
        """Return where a moment is, from 0 to 1."""
        for each in self.stretches:
            if moment <= each.end:
                share = (moment - each.begin) / (each.end - each.begin)
                return each.left + (each.right - each.left) * min(1.0, max(0.0, share))
        return 1.0

    @property
    def seconds(self) -> float:
        """How long jobs ran, by the clock."""
        return sum(each.end - each.begin for each in self.stretches)

    @property
    def cuts(self) -> tuple[tuple[float, float], ...]:
        """What was cut out: where, and how many seconds."""
        pairs = pairwise(self.stretches)
        return tuple(((before.right + after.left) / 2, after.begin - before.end) for before, after in pairs)

    def ticks(self) -> tuple[Tick, ...]:
        """Return times of day (UTC) that are round and not too near to each other."""
        step = next((step for step in _STEPS if step * _LABELS >= self.seconds), _STEPS[-1])
        days = {_clock(moment).date() for each in self.stretches for moment in (each.begin, each.end)}
        form = ("%d %b " if len(days) > 1 else "") + ("%H:%M:%S" if step < 60 else "%H:%M")
        apart = _APART * len(f"{_clock(0):{form}}")
        found: list[Tick] = []
        for each in self.stretches:
            first = int(-(-each.begin // step)) * step
            for moment in range(first, int(each.end) + 1, step):
                left = self.at(moment)
                if not found or left - found[-1].left >= apart:
                    found.append(Tick(left, f"{_clock(moment):{form}}"))
        return tuple(found)


def timeline_of(spans: Iterable[tuple[float, float]]) -> Timeline:
    """Return the timeline of spans of time (begin, end), in seconds since the epoch."""
    busy = _merged(sorted(spans))
    total = sum(end - begin for begin, end in busy)
    kept = _bridged(busy, max(_IDLE, _IDLE_SHARE * total))
    if not kept:
        return Timeline(())
    cut = min(_CUT, _ALL_CUTS / max(1, len(kept) - 1))
    scale = (1 - cut * (len(kept) - 1)) / sum(end - begin for begin, end in kept)
    stretches, left = [], 0.0
    for begin, end in kept:
        right = left + (end - begin) * scale
        stretches.append(Stretch(begin, end, left, right))
        left = right + cut
    return Timeline(tuple(stretches))


def _merged(spans: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    return _bridged(spans, 0.0)


def _bridged(spans: Sequence[tuple[float, float]], most: float) -> list[tuple[float, float]]:
    """Join spans that are no further apart than ``most``; each lasts a millisecond at the least."""
    joined: list[tuple[float, float]] = []
    for begin, end in spans:
        if joined and begin - joined[-1][1] <= most:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((begin, max(end, begin + 0.001)))
    return joined


def _clock(moment: float) -> datetime:
    return datetime.fromtimestamp(moment, UTC)
