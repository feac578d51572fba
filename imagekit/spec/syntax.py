"""What a YAML parser's complaint means to the author of a spec."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from imagekit.diagnostics import Diagnostic, Place

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ruamel.yaml.error import MarkedYAMLError

_CODE = "IK-SPEC-004"
# What the parser says (a pattern), where it is best shown, and what that means: message, why, fix.
_MEANINGS: tuple[tuple[str, str, tuple[str, str, str]], ...] = (
    (r"character '\\t'", "problem", ("a tab stands where spaces must", "YAML indents with spaces only", "use spaces")),
    (
        r"character '(.)' that cannot start",
        "problem",
        ('text cannot begin with "{0}"', "YAML keeps that character for itself", "put the text in quotes"),
    ),
    (
        r"mapping values are not allowed",
        "problem",
        (
            'a ":" where no key can be',
            'either this line is indented too far, or a text that holds ": " is not quoted',
            "line the key up with its neighbours, or put the text in quotes",
        ),
    ),
    (
        r"could not find expected ':'",
        "context",
        ('a ":" is missing after this key', "", 'write the key, a ":" and a space, and the value'),
    ),
    (
        r"quoted scalar.*unexpected end of stream",
        "context",
        ("the quoted text that begins here is not closed", "", "close the quote"),
    ),
    (r"unknown escape character '(.)'", "problem", ('"\\{0}" is no escape in double quotes', "", "use single quotes")),
    (r"flow sequence.*expected ',' or '\]'", "context", ("the list that begins here is not closed", "", 'add a "]"')),
    (r"flow mapping.*expected ',' or '}'", "context", ("the mapping that begins here is not closed", "", 'add a "}}"')),
    (r"expected <block end>, but found '<scalar>'", "problem", ("text after the end of a value", "", "quote it whole")),
    (
        r"expected <block end>|block collection|block mapping",
        "problem",
        ("this line is not indented like those it belongs to", "", "line it up with its neighbours"),
    ),
    (r"expected the node content, but found '(.+)'", "problem", ('a value is missing before "{0}"', "", "")),
)


def explain(error: MarkedYAMLError, file: str, lines: Sequence[str]) -> Diagnostic:
    """Return the diagnostic for what the parser could not read."""
    said = f"{error.context or ''}: {error.problem or ''}"
    for pattern, which, meaning in _MEANINGS:
        found = re.search(pattern, said)
        if found:
            mark = error.context_mark if which == "context" else error.problem_mark
            message, why, fix = (part.format(*found.groups()) for part in meaning)
            return Diagnostic(_CODE, message, place=_place(mark or error.problem_mark, file, lines), why=why, fix=fix)
    place = _place(error.problem_mark or error.context_mark, file, lines)
    return Diagnostic(_CODE, f"this is not YAML: {error.problem or error.context or 'unreadable'}", place=place)


def _place(mark: object, file: str, lines: Sequence[str]) -> Place | None:
    line, column = getattr(mark, "line", None), getattr(mark, "column", None)
    if line is None or column is None:
        return None
    if line >= len(lines) or (line == len(lines) - 1 and not lines[line]):  # the end of the text: show the last line
        line = max(0, len(lines) - 2 if not lines[-1] else len(lines) - 1)
        column = len(lines[line])
    return Place(file, line + 1, column + 1, 1, lines[line].rstrip("\r").replace("\t", " "))
