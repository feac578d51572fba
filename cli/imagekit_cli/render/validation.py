"""What ``validate`` found, for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagekit.wording import many
from imagekit_cli.lines import Line, columns

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imagekit.engine.validating import SpecReport


def validation_lines(report: SpecReport) -> Iterator[Line]:
    """Yield that all is well, and the steps in the order that would run."""
    files = ", ".join(source.file for source in report.sources)
    yield Line(f"{files}: valid, {many(len(report.steps), 'step')}", "good")
    rows = ((str(step.position), step.title, step.phase, _marks(step.volatile, step.opaque)) for step in report.steps)
    for text in columns(rows, indent="  "):
        yield Line(text)


def _marks(volatile: bool, opaque: bool) -> str:
    return ", ".join([*(["~"] if volatile else []), *(["runs guest programs"] if opaque else [])])
