"""Lines of a result, each with the style that a terminal may give it, and the words for sizes and times. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

Style = Literal["", "good", "changed", "bad", "head", "dim", "place"]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text, and how a terminal may show it."""

    text: str
    style: Style = ""


def size(count: int) -> str:
    """Return a number of bytes in words: ``912 B``, ``3.4 MiB``, ``12.0 GiB``."""
    value = float(count)
    for unit in ("B", "KiB", "MiB", "GiB"):
        if value < 1024:
            return f"{count} B" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1024
    return f"{value:.1f} TiB"


def seconds(value: float) -> str:
    """Return a duration in words: ``0.4 s``, ``1 min 12 s``."""
    if value < 60:
        return f"{value:.1f} s"
    minutes, rest = divmod(round(value), 60)
    return f"{minutes} min {rest} s"


def many(count: int, word: str) -> str:
    """Return a count with its word: ``1 change``, ``3 changes``."""
    return f"{count} {word}{'' if count == 1 else 's'}"


def columns(rows: Iterable[Sequence[str]], *, indent: str = "") -> Iterator[str]:
    """Yield rows as lines whose cells stand below each other; the last cell of a row may be of any length."""
    kept = [list(row) for row in rows]
    count = max((len(row) for row in kept), default=0)
    widths = [max((len(row[index]) for row in kept if index < len(row)), default=0) for index in range(count)]
    for row in kept:
        cells = [cell.ljust(width) for cell, width in zip(row[:-1], widths, strict=False)]
        yield (indent + "  ".join([*cells, row[-1]])).rstrip() if row else ""
