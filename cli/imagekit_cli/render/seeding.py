"""A seed disk that was written, for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagekit.wording import size
from imagekit_cli.lines import Line, columns

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imagekit.engine.seeding import SeedReport


def seed_lines(report: SeedReport) -> Iterator[Line]:
    """Yield the disk, its files, and what their author may not have meant."""
    yield Line(str(report.output), "head")
    yield Line(f"  {size(report.size)}, label {report.label}, instance-id {report.instance_id}")
    for text in columns(((each.name, size(each.size)) for each in report.files), indent="  "):
        yield Line(text)
    for remark in report.remarks:
        yield Line(f"  note: {remark}", "changed")
