"""What ``cache`` found and removed, for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagekit.wording import many, size
from imagekit_cli.lines import Line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imagekit.engine.caching import CacheEntry, CacheReport


def cache_lines(found: CacheReport) -> Iterator[Line]:
    """Yield a line for each thing that was removed, one for each that is kept, and their sum."""
    for entry in found.removed:
        yield Line(f"removed  {_told(entry)}", "changed")
    for entry in found.entries:
        yield Line(f"{'broken' if entry.broken else 'kept':<7}  {_told(entry)}", "bad" if entry.broken else "")
    yield Line(f"{many(len(found.entries), 'thing')}, {size(found.size)} in {found.folder}", "head")


def _told(entry: CacheEntry) -> str:
    used = entry.used.astimezone().strftime("%Y-%m-%d %H:%M")
    return f"{entry.kind:<15}  {size(entry.size):>9}  {used}  {entry.broken or entry.detail}"
