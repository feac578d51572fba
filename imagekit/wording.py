"""The words for counts, sizes, times and events, and texts made fit to be shown; whatever they are shown on. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagekit.events import Notice, StageFinished, StageStarted, StepFinished, StepStarted

if TYPE_CHECKING:
    from imagekit.events import Event


def readable(text: str) -> str:
    """Return a text whose every character shows as what it is.

    What steers a terminal, turns text around or is no text at all becomes U+FFFD: XML has no way to write most of
    these, and file names of guests hold any of them.
    """
    return "".join(char if char.isprintable() else "\ufffd" for char in text)


def many(count: int, word: str) -> str:
    """Return a count with its word: ``1 change``, ``3 changes``."""
    return f"{count} {word}{'' if count == 1 else 's'}"


def size(count: int) -> str:
    """Return a number of bytes in words: ``912 B``, ``3.4 MiB``, ``12.0 GiB``."""
    value = float(count)
    for unit in ("B", "KiB", "MiB", "GiB"):
        if value < 1024:
            return f"{count} B" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1024
    return f"{value:.1f} TiB"


def seconds(value: float) -> str:
    """Return a duration in words: ``0.4 s``, ``1 min 12 s``, ``2 h 5 min``."""
    if value < 60:
        return f"{value:.1f} s"
    minutes, rest = divmod(round(value), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"


def told(event: Event) -> str:
    """Return an event as a plain sentence."""
    match event:
        case StageStarted(stage, detail):
            return f"{stage} …" + (f" ({detail})" if detail else "")
        case StageFinished(stage, taken):
            return f"{stage}: done in {taken:.1f} s"
        case StepStarted(position, total, _, title):
            return f"step {position}/{total} {title} …"
        case StepFinished(position, kind, taken, changes):
            return f"step {position} {kind}: {many(changes, 'change')} in {taken:.1f} s"
        case Notice(text):
            return f"note: {text}"
    return str(event.document())
