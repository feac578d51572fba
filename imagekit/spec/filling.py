"""Texts that a spec names, such as template files: their ``${{ name }}`` are filled in as those of the spec itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, get_origin

from imagekit.diagnostics import Diagnostic, Place
from imagekit.guest.facts import Facts
from imagekit.spec.nodes import FactReference, Node, Template
from imagekit.spec.templates import LONGEST, QUOTE_IT, REFERENCE, STAND_ALONE, BadTemplate, as_text, value_of

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator, Mapping

_FIXES = {
    QUOTE_IT: "for the text itself write ${{ '${{' }}, or take the file as source",
    STAND_ALONE: "name what is text, a number, or true or false",
}
_TOO_LONG = f"becomes longer than {LONGEST >> 20} MiB with its variables filled in"


class TextInvalid(ValueError):
    """A text asks for what there is not. A ValueError, so that it may end a pydantic validation.

    Attributes:
        diagnostics: each with its place in that text.
    """

    def __init__(self, diagnostics: tuple[Diagnostic, ...]) -> None:
        self.diagnostics = diagnostics
        super().__init__(diagnostics[0].message)


@dataclass(frozen=True, slots=True)
class Rendering:
    """A text with its variables filled in, that waits for the facts of a guest."""

    parts: tuple[str | FactReference, ...]

    def __call__(self, facts: Facts) -> str:
        """Return the text for a guest of which this is known."""
        return "".join(part if isinstance(part, str) else as_text(getattr(facts, part.name)) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Filling:
    """Fills in what the variables of one spec file stand for; notes in ``used`` which ones texts asked for."""

    variables: Mapping[str, Node]
    used: set[str]

    def __call__(self, text: str, name: str) -> Rendering:
        """Return a text, called ``name`` in places, with its variables filled in.

        Raises:
            TextInvalid: with everything that is wrong with it.
        """
        parts: list[str | FactReference] = []
        problems: list[Diagnostic] = []
        at = 0
        for found in REFERENCE.finditer(text):
            try:
                parts += [text[at : found.start()], *self._pieces(found)]
            except BadTemplate as bad:
                fix = _FIXES.get(bad.fix, bad.fix)
                problems.append(Diagnostic(bad.code, bad.message, place=_place(found, name), why=bad.why, fix=fix))
            at = found.end()
        if not problems and sum(len(part) for part in parts if isinstance(part, str)) + len(text) - at > LONGEST:
            problems.append(Diagnostic("IK-SPEC-003", _TOO_LONG, place=Place(name, 1, 1)))
        if problems:
            raise TextInvalid(tuple(problems))
        return Rendering((*parts, text[at:]))

    def _pieces(self, found: re.Match[str]) -> Iterator[str | FactReference]:
        """Yield what a reference stands for: text, and facts that can become text."""
        self.used.add((found[2] or "").strip())
        value = value_of(found, self.variables)
        inner = value.value if isinstance(value, Node) else value
        for piece in inner.parts if isinstance(inner, Template) else (inner,):
            if isinstance(piece, FactReference) and get_origin(Facts.model_fields[piece.name].annotation) is tuple:
                raise BadTemplate(
                    "IK-SPEC-032", f"facts.{piece.name} is a list, which cannot stand inside text", fix=STAND_ALONE
                )
            yield piece if isinstance(piece, FactReference) else as_text(piece)


def _place(found: re.Match[str], name: str) -> Place:
    """Return where a reference stands in its text, as far as the end of its first line."""
    before = found.string[: found.start()]
    line = found.string[found.start() - len(before.rpartition("\n")[2]) :].partition("\n")[0].rstrip("\r")
    column = len(before.rpartition("\n")[2]) + 1
    length = max(1, min(len(found[0]), len(line) - column + 1))
    return Place(name, before.count("\n") + 1, column, length, line)
