"""How the state of a job is shown: by a sign, a word and a colour, never by a colour alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from imagekit.farm.report.model import Look


@dataclass(frozen=True, slots=True)
class Paint:
    """Colours as ``#rrggbb``: of the text, and of what it stands on."""

    ink: str
    ground: str


@dataclass(frozen=True, slots=True)
class Appearance:
    """How one state looks, on a light page and on a dark one."""

    sign: str
    word: str
    light: Paint
    dark: Paint


# The contrast of each pair is at least 4.5 to 1 (WCAG 2.2, success criterion 1.4.3); a test computes it.
APPEARANCES: dict[Look, Appearance] = {
    "failed": Appearance("✗", "failed", Paint("#ffffff", "#b3261e"), Paint("#ffffff", "#b0302a")),
    "interrupted": Appearance("!", "interrupted", Paint("#5a3900", "#ffe0a3"), Paint("#ffd991", "#4a3508")),
    "running": Appearance("▸", "running", Paint("#17407a", "#d3e4fb"), Paint("#bcd8ff", "#17355c")),
    "waiting": Appearance("·", "waiting", Paint("#4a525c", "#eceff2"), Paint("#b4bcc6", "#262b31")),
    "skipped": Appearance("»", "skipped", Paint("#4a525c", "#e1e5ea"), Paint("#b4bcc6", "#30363d")),
    "done": Appearance("✓", "done", Paint("#12492a", "#cdeed8"), Paint("#b7f0cd", "#17402a")),
    "reused": Appearance("=", "done before", Paint("#2d5f43", "#eaf5ee"), Paint("#a3d3b6", "#1b2c22")),
}
"""What asks for attention first."""


def colours() -> str:
    """Return CSS: a class for each look, that sets ``--sign`` and ``--ground`` for the element and all in it."""
    light = "".join(_rule(look, each.light) for look, each in APPEARANCES.items())
    dark = "".join(_rule(look, each.dark) for look, each in APPEARANCES.items())
    return f"{light}\n@media(prefers-color-scheme:dark){{{dark}}}\n"


def tile(look: Look, beside: str = "") -> str:
    """Return HTML that shows a look, and HTML that stands in the same tile."""
    shown = APPEARANCES[look]
    return f'<span class="tile {look}">{shown.sign} {shown.word}{beside}</span>'


def _rule(look: Look, paint: Paint) -> str:
    return f".{look}{{--sign:{paint.ink};--ground:{paint.ground}}}"
