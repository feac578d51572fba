"""Seconds of contenders, and their ratios round by round: pure."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class Result:
    """What one contender took in each round.

    Attributes:
        section: what was measured, ``single``.
        case: which one of its cases, ``8 GiB of data``; "" if there is one alone.
        contender: who did it.
        seconds: one number a round, in their order.
        reference: the others of its case are compared with it.
    """

    section: str
    case: str
    contender: str
    seconds: tuple[float, ...]
    reference: bool = False


@dataclass(frozen=True)
class Spread:
    """The least, the middle and the greatest of some numbers."""

    min: float
    median: float
    max: float


@dataclass(frozen=True)
class Comparison:
    """A contender beside the reference of its case, and its ratios to that: below 1 is faster."""

    result: Result
    against: Result
    ratio: Spread


def spread(numbers: Sequence[float]) -> Spread:
    """Return the spread of numbers; ValueError if there is none."""
    if not numbers:
        raise ValueError("nothing was measured")
    return Spread(min(numbers), statistics.median(numbers), max(numbers))


def paired(seconds: Sequence[float], reference: Sequence[float]) -> tuple[float, ...]:
    """Return the ratio of each round: both sides of a round met the same machine. ValueError if rounds are missing."""
    return tuple(ours / theirs for ours, theirs in zip(seconds, reference, strict=True))


def compare(results: Sequence[Result]) -> tuple[Comparison, ...]:
    """Return each contender that has a reference in its case beside that, in their order."""
    references = {(each.section, each.case): each for each in results if each.reference}
    pairs = ((each, references.get((each.section, each.case))) for each in results if not each.reference)
    return tuple(
        Comparison(each, against, spread(paired(each.seconds, against.seconds)))
        for each, against in pairs
        if against is not None
    )
