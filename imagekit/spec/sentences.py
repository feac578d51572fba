"""What pydantic objects to, in plain sentences about the author's own words."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from imagekit.spec.nodes import Node, Template

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pydantic_core import ErrorDetails


@dataclass(frozen=True, slots=True)
class Sentence:
    """What to tell the author: code, message, why and fix."""

    code: str
    message: str
    why: str = ""
    fix: str = ""


_STEM = 3
EXPECTED = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "list_type": "a list",
    "tuple_type": "a list",
    "set_type": "a list",
    "frozen_set_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "none_required": "left empty",
}
"""Types of errors that only say which sort of value a field takes, and that sort in words."""


def say(error: ErrorDetails, node: Node, about: str) -> Sentence:
    """Return the sentence for one error of pydantic.

    Args:
        error: as ``ValidationError.errors()`` gives it.
        node: what the author wrote there.
        about: the description of the field; may be empty.
    """
    kind = str(error["type"])
    if kind in EXPECTED:
        return wrong_sort((EXPECTED[kind],), node, about)
    writer = _WRITERS.get(kind)
    if writer is not None:
        return writer(error.get("ctx", {}), node, about)
    message = str(error["msg"])
    return Sentence("IK-SPEC-014", message[:1].lower() + message[1:], about)


def wrong_sort(expected: Sequence[str], node: Node, about: str) -> Sentence:
    """Return the sentence for a value of another sort than the field takes."""
    sorts = tuple(dict.fromkeys(expected))
    words = f"must be {_either(sorts)}"
    if "text" in sorts and node.raw and node.value is not None:
        octal = _octal(node)
        return Sentence(
            "IK-SPEC-015" if octal else "IK-SPEC-014",
            f"{words}, and {node.raw} without quotes is {_sort(node.value)}",
            "programs that read YAML do not agree on what a number with a leading 0 is" if octal else about,
            f'quote it: "{node.raw}"',
        )
    if node.value is None:
        return Sentence("IK-SPEC-014", f"is empty, and {words}", about)
    return Sentence("IK-SPEC-014", f"{words}, not {_shown(node)}", about)


def missing(field: str, about: str) -> Sentence:
    """Return the sentence for a field that must be there."""
    return Sentence("IK-SPEC-013", f'"{field}" is missing', about)


def unknown(word: str, what: str, known: Sequence[str]) -> Sentence:
    """Return the sentence for a key that means nothing here, with the nearest that does."""
    near = nearest_name(word, known)
    why = "" if near or not known else f"there {'is only' if len(known) == 1 else 'are'} {', '.join(known)}"
    return Sentence("IK-SPEC-012", f'"{word}" is no {what}', why, f'did you mean "{near}"?' if near else "")


def nearest_name(word: str, known: Sequence[str]) -> str:
    """Return the known name that a misspelt one most likely means, or ""."""
    plain = {name.lower().replace("_", "-"): name for name in reversed(known)}
    near = difflib.get_close_matches(word.lower().replace("_", "-"), plain, n=1, cutoff=0.6)
    if near:
        return plain[near[0]]
    return next((name for name in known if len(name) >= _STEM and word.lower().startswith(name)), "")


def _octal(node: Node) -> bool:
    return isinstance(node.value, int) and bool(re.fullmatch(r"0o?[0-7]+", node.raw))


def _either(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def _sort(value: object) -> str:
    match value:
        case None:
            return "empty"
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str() | Template():
            return "text"
        case tuple():
            return "a list"
    return "a mapping"


def _shown(node: Node) -> str:
    """Return a scalar as the author may recognise it, and the sort of all else."""
    if isinstance(node.value, dict | tuple) or node.value is None:
        return _sort(node.value)
    text = node.raw or str(node.value)
    text = f"{text[:60]}{'…' if len(text) > 60 else ''}"
    return f'"{text}"' if isinstance(node.value, str) else text


def _literal(context: Mapping[str, Any], node: Node, about: str) -> Sentence:
    allowed = re.findall(r"'((?:[^'\\]|\\.)*)'", str(context.get("expected", "")))
    known = allowed or [str(context.get("expected", ""))]
    if len(known) == 1:
        return Sentence("IK-SPEC-014", f"must be {known[0]}, not {_shown(node)}", about)
    near = nearest_name(str(node.value), known) if isinstance(node.value, str) else ""
    fix = f'did you mean "{near}"?' if near else ""
    return Sentence("IK-SPEC-014", f"{_shown(node)} is not one of {', '.join(known)}", about, fix)


def _pattern(context: Mapping[str, Any], node: Node, about: str) -> Sentence:
    return Sentence(
        "IK-SPEC-014",
        f"{_shown(node)} does not have the right form",
        about or f"it must match {context.get('pattern')}",
    )


def _raised(context: Mapping[str, Any], node: Node, about: str) -> Sentence:
    """Return what a validator of our own says; it may carry ``code``, ``why`` and ``fix``."""
    error = context.get("error")
    if isinstance(error, ValidationError):  # one validation inside another: the inner error says what is wrong
        inner = error.errors(include_url=False)[0]
        return say(inner, node, about)
    code, fix, why = (str(getattr(error, name, "")) for name in ("code", "fix", "why"))
    code = code or ("IK-SPEC-015" if _octal(node) else "IK-SPEC-014")
    return Sentence(code, str(error), why, fix)


def _bound(words: str, key: str) -> Callable[[Mapping[str, Any], Node, str], Sentence]:
    def write(context: Mapping[str, Any], node: Node, about: str) -> Sentence:
        return Sentence("IK-SPEC-014", f"{_shown(node)} must be {words} {context.get(key)}", about)

    return write


def _length(words: str, key: str, unit: str) -> Callable[[Mapping[str, Any], Node, str], Sentence]:
    def write(context: Mapping[str, Any], _node: Node, about: str) -> Sentence:
        count = context.get(key)
        return Sentence("IK-SPEC-014", f"must have {words} {count} {unit}{'' if count == 1 else 's'}", about)

    return write


_WRITERS: Mapping[str, Callable[[Mapping[str, Any], Node, str], Sentence]] = {
    "literal_error": _literal,
    "enum": _literal,
    "string_pattern_mismatch": _pattern,
    "value_error": _raised,
    "assertion_error": _raised,
    "greater_than": _bound("more than", "gt"),
    "greater_than_equal": _bound("at least", "ge"),
    "less_than": _bound("less than", "lt"),
    "less_than_equal": _bound("at most", "le"),
    "string_too_short": _length("at least", "min_length", "character"),
    "string_too_long": _length("at most", "max_length", "character"),
    "too_short": _length("at least", "min_length", "item"),
    "too_long": _length("at most", "max_length", "item"),
}
