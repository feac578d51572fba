"""The grid of results as an HTML table: every cell says its state, and leads to its job. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagekit.farm.report.axes import axes_of
from imagekit.farm.report.looks import APPEARANCES, tile
from imagekit.page import text
from imagekit.wording import seconds

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from imagekit.farm.report.axes import Axes
    from imagekit.farm.report.model import Entry, FarmPage

_WIDE = 16
"""Columns from which on a cell has room for its sign alone."""


def grid_lines(page: FarmPage) -> Iterator[str]:
    """Yield the table, and below it what its signs mean. It scrolls in its own box, its images staying in sight."""
    axes = axes_of(page.entries)
    narrow = len(axes.columns) >= _WIDE
    lines = " and ".join(name for name, _ in axes.headings)
    yield f'<div class="scroll" role="region" aria-label="Results" tabindex="0"><table class="grid{" narrow" * narrow}">'
    yield f'<caption class="soft">Images by {text(lines)}. Each cell leads to its job.</caption>'
    yield "<thead>"
    last = len(axes.headings) - 1
    for depth, (name, spans) in enumerate(axes.headings):
        scope = "col" if depth == last else "colgroup"
        cells = (f'<th scope="{scope}" colspan="{span.columns}"><span>{text(span.label)}</span></th>' for span in spans)
        yield f'<tr><th class="axis">{text(name)}</th>{"".join(cells)}</tr>'
    yield "</thead>\n<tbody>"
    for image, label in axes.rows:
        yield f'<tr><th scope="row"><span>{text(label)}</span></th>{"".join(_cells(axes, image, narrow=narrow))}</tr>'
    yield "</tbody></table></div>"
    yield f'<p class="legend soft">{" ".join(tile(look) for look in APPEARANCES if page.having(look))}</p>'


def _cells(axes: Axes, image: Path, *, narrow: bool) -> Iterator[str]:
    for column in axes.columns:
        entry = axes.cells.get((image, column))
        if entry is None:
            yield '<td class="none"><span class="unseen">not in this farm</span></td>'
        else:
            yield f'<td class="{entry.look}">{_link(entry, narrow=narrow)}</td>'


def _link(entry: Entry, *, narrow: bool) -> str:
    shown = APPEARANCES[entry.look]
    if narrow:
        return f'<a href="#j{entry.number}" title="{text(entry.job.id)}">{shown.sign}<span class="unseen"> {shown.word}</span></a>'
    timed = entry.outcome and not entry.outcome.reused
    took = f"<small>{seconds(entry.outcome.seconds)}</small>" if timed and entry.outcome else ""
    return f'<a href="#j{entry.number}">{shown.sign} {shown.word}{took}</a>'
