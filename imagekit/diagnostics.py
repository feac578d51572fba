"""What is wrong, where, why, and what to do: as data, and drawn on the author's own lines."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from typing import Literal

from imagekit.errors import ImageError, SpecError


@dataclass(frozen=True, slots=True)
class Place:
    """A span of one line of a text file; line and column count from 1, as editors do."""

    file: str
    line: int
    column: int
    length: int = 1
    text: str = field(default="", compare=False)

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One thing that is wrong with a spec, alone or for a given image.

    Attributes:
        code: stable, ``IK-<area>-<number>``.
        message: what is wrong, in one sentence without the place.
        field: the path inside the spec, ``transforms[2].users[1].groups[0]``; may be empty.
        place: where that is in the author's file; None for specs built in Python.
    """

    code: str
    message: str
    field: str = ""
    place: Place | None = None
    why: str = ""
    fix: str = ""
    severity: Literal["error", "warning"] = "error"

    def render(self) -> str:
        """Draw the diagnostic as text, with the author's line and a caret when the place is known."""
        head = f"{self.place}  " if self.place else ""
        where = f"{self.field}: " if self.field else ""
        lines = [f"{head}{self.severity} {self.code}  {where}{self.message}"]
        if self.place and self.place.text:
            gutter = f"{self.place.line:>5} | "
            lines.append(gutter + _shown(self.place.text))
            lines.append(" " * (len(gutter) - 2) + "| " + _caret(self.place))
        if self.why:
            lines.append(f"  why:  {self.why}")
        if self.fix:
            lines.append(f"  fix:  {self.fix}")
        return "\n".join(lines)

    def document(self) -> dict[str, object]:
        """Return the diagnostic as plain data, for ``--json``."""
        place = self.place and {"file": self.place.file, "line": self.place.line, "column": self.place.column}
        return {
            "code": self.code,
            "severity": self.severity,
            "message": self.message,
            "field": self.field,
            "place": place,
            "why": self.why,
            "fix": self.fix,
        }


def _shown(text: str) -> str:
    """Return a line as a terminal may have it: what would steer the terminal, or turn the text around, is replaced."""
    return "".join(char if char == "\t" or char.isprintable() else "\ufffd" for char in text)


def _width(char: str) -> int:
    """Return how many columns of a terminal a character takes (Unicode Standard Annex #11)."""
    if unicodedata.category(char) in {"Mn", "Me"}:
        return 0
    return 2 if unicodedata.east_asian_width(char) in {"W", "F"} else 1


def _caret(place: Place) -> str:
    """Return what stands below the line: tabs as tabs, so that they are as wide as those above, then the carets."""
    text = _shown(place.text).ljust(place.column - 1 + place.length)
    before, marked = text[: place.column - 1], text[place.column - 1 :][: place.length]
    blank = "".join("\t" if char == "\t" else " " * _width(char) for char in before)
    return blank + "^" * max(1, sum(map(_width, marked)))


class Problem(Exception):
    """A transform does not fit this guest; raised by ``apply``, yielded by ``check``.

    Args:
        field: the transform's own field it is about, ``zone`` or ``users[1].groups[0]``; "" for the whole.
        message: what is wrong, in one sentence.
        why: the fact behind it.
        fix: what the author can do.
        code: stable, ``IK-<area>-<number>``.
    """

    def __init__(self, field: str, message: str, *, why: str = "", fix: str = "", code: str = "IK-FIT-001") -> None:
        self.field = field
        self.message = message
        self.why = why
        self.fix = fix
        self.code = code
        super().__init__(message)


def _headline(diagnostics: tuple[Diagnostic, ...], what: str) -> str:
    count = len(diagnostics)
    return f"{count} problem{'' if count == 1 else 's'} {what}"


class SpecInvalid(SpecError):
    """A spec is wrong whatever the image; carries every diagnostic at once."""

    code = "IK-SPEC-001"

    def __init__(self, diagnostics: tuple[Diagnostic, ...], where: str = "in the spec") -> None:
        self.diagnostics = diagnostics
        super().__init__(_headline(diagnostics, where))

    def __str__(self) -> str:
        return "\n\n".join(d.render() for d in self.diagnostics)

    def document(self) -> dict[str, object]:
        """Return the error with its diagnostics, for ``--json``."""
        return {**super().document(), "diagnostics": [d.document() for d in self.diagnostics]}


class SpecUnfit(ImageError):
    """A spec is right, but not for this image; carries every diagnostic at once."""

    code = "IK-FIT-000"

    def __init__(self, diagnostics: tuple[Diagnostic, ...]) -> None:
        self.diagnostics = diagnostics
        super().__init__(_headline(diagnostics, "with this image"))

    def __str__(self) -> str:
        return "\n\n".join(d.render() for d in self.diagnostics)

    def document(self) -> dict[str, object]:
        """Return the error with its diagnostics, for ``--json``."""
        return {**super().document(), "diagnostics": [d.document() for d in self.diagnostics]}
