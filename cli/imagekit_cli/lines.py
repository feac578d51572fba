"""Lines of a result, each with the style that a terminal may give it, and columns of them. Pure."""

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


def columns(rows: Iterable[Sequence[str]], *, indent: str = "") -> Iterator[str]:
    """Yield rows as lines whose cells stand below each other; the last cell of a row may be of any length."""
    kept = [list(row) for row in rows]
    count = max((len(row) for row in kept), default=0)
    widths = [max((len(row[index]) for row in kept if index < len(row)), default=0) for index in range(count)]
    for row in kept:
        cells = [cell.ljust(width) for cell, width in zip(row[:-1], widths, strict=False)]
        yield (indent + "  ".join([*cells, row[-1]])).rstrip() if row else ""
