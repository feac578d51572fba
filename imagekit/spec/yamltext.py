"""YAML text to nodes: YAML 1.2's core schema, one place for every key and value, no recursion, and limits."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from imagekit.diagnostics import Diagnostic, Place
from imagekit.spec.nodes import Member, Node
from imagekit.spec.syntax import explain

if TYPE_CHECKING:
    from collections.abc import Iterator

LARGEST = 1 << 20
"""Bytes of one spec."""
_DEEPEST = 64
_MOST_NODES = 100_000
_INT = re.compile(r"[-+]?[0-9]+")
_BASED = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_WORDS = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_TAGS = {
    "!": "any",
    "tag:yaml.org,2002:str": "text",
    "tag:yaml.org,2002:map": "any",
    "tag:yaml.org,2002:seq": "any",
}


class _Stop(Exception):
    """The text cannot be read any further."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        self.diagnostic = diagnostic
        super().__init__(diagnostic.message)


def read_yaml(text: str, file: str, what: str = "spec") -> tuple[Node | None, tuple[Diagnostic, ...]]:
    """Return the one document of a text, or None, and everything that is wrong with its YAML.

    Args:
        text: at most 1 MiB.
        file: what places call it.
        what: what sort of document it is, for the messages.
    """
    composer = _Composer(text, file, what)
    try:
        return composer.compose(), tuple(composer.problems)
    except _Stop as stop:
        return None, (*composer.problems, stop.diagnostic)


def core_value(text: str) -> str | float | bool | None:
    """Return what a plain scalar means in YAML 1.2's core schema: ``no`` is text, ``0644`` is 644."""
    if text in _WORDS:
        return _WORDS[text]
    if _INT.fullmatch(text):
        return int(text) if len(text) < 100 else text
    if _BASED.fullmatch(text):
        return int(text[2:], 8 if text[1] == "o" else 16)
    return float(text.lower().replace(".inf", "inf").replace(".nan", "nan")) if _FLOAT.fullmatch(text) else text


@dataclass(slots=True)
class _Frame:
    """A list or a mapping whose end was not seen yet."""

    event: Any
    items: list[Node] = field(default_factory=list)
    members: dict[str, Member] = field(default_factory=dict)
    key: tuple[str, Place] | None = None
    size: int = 1

    @property
    def is_map(self) -> bool:
        return type(self.event).__name__ == "MappingStartEvent"


class _Composer:
    """Turns the events of one text into nodes."""

    def __init__(self, text: str, file: str, what: str) -> None:
        self._text = text
        self._file = file
        self._what = what
        self._lines = text.split("\n")
        self._stack: list[_Frame] = []
        self._anchors: dict[str, Node] = {}
        self._root: Node | None = None
        self.problems: list[Diagnostic] = []

    def compose(self) -> Node | None:
        documents = 0
        for event in self._events():
            name = type(event).__name__
            if name == "DocumentStartEvent":
                documents += 1
                if documents > 1:
                    raise self._stop(
                        "IK-SPEC-004",
                        f"a {self._what} is one document",
                        event,
                        fix="put the second in a file of its own, and name both files",
                    )
            elif name in ("MappingStartEvent", "SequenceStartEvent"):
                self._open(event)
            elif name in ("MappingEndEvent", "SequenceEndEvent"):
                self._close(event)
            elif name == "ScalarEvent":
                self._add(self._scalar(event), event)
            elif name == "AliasEvent":
                self._add(self._alias(event), event)
        return self._root

    def _events(self) -> Iterator[Any]:
        if len(self._text) > LARGEST or len(self._text.encode(errors="replace")) > LARGEST:
            raise _Stop(Diagnostic("IK-SPEC-003", f"{self._file} is larger than {LARGEST >> 20} MiB"))
        try:
            yield from YAML(pure=True).parse(self._text)
        except MarkedYAMLError as error:
            raise _Stop(explain(error, self._file, self._lines)) from error
        except YAMLError as error:
            place = self._unprintable()
            raise _Stop(Diagnostic("IK-SPEC-004", "a character that YAML does not allow", place=place)) from error

    def _unprintable(self) -> Place | None:
        for number, line in enumerate(self._lines, 1):
            found = re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]", line)
            if found:
                return Place(self._file, number, found.start() + 1, 1, re.sub(r"[^\x20-\x7e]", "?", line))
        return None

    def _place(self, event: Any) -> Place:
        """Return the span of an event, as far as the end of its first line."""
        start, end = event.start_mark, event.end_mark
        line = self._lines[start.line] if start.line < len(self._lines) else ""
        text = line.rstrip("\r")
        stop = end.column if end.line == start.line else len(text)
        return Place(self._file, start.line + 1, start.column + 1, max(1, stop - start.column), text)

    def _stop(self, code: str, message: str, event: Any, *, why: str = "", fix: str = "") -> _Stop:
        return _Stop(Diagnostic(code, message, place=self._place(event), why=why, fix=fix))

    def _open(self, event: Any) -> None:
        if len(self._stack) >= _DEEPEST:
            raise self._stop("IK-SPEC-003", f"nested deeper than {_DEEPEST} levels", event)
        if event.tag is not None and _TAGS.get(event.tag) != "any":
            raise self._stop(
                "IK-SPEC-004", f"tag {event.tag} means nothing in a {self._what}", event, fix="leave it out"
            )
        self._stack.append(_Frame(event))

    def _close(self, event: Any) -> None:
        frame = self._stack.pop()
        start = frame.event
        place = self._place(start)
        if start.flow_style and event.end_mark.line == start.start_mark.line:
            place = Place(place.file, place.line, place.column, event.end_mark.column - place.column + 1, place.text)
        elif start.end_mark.line == start.start_mark.line:
            place = Place(place.file, place.line, place.column, _rest(place), place.text)
        value: Any = frame.members if frame.is_map else tuple(frame.items)
        self._add(self._named(start, Node(value, place, size=frame.size)), start)

    def _scalar(self, event: Any) -> Node:
        kind = "any" if event.tag is None else _TAGS.get(event.tag)
        if kind is None:
            raise self._stop(
                "IK-SPEC-004", f"tag {event.tag} means nothing in a {self._what}", event, fix="leave it out"
            )
        plain = not event.style and kind == "any"
        value = core_value(event.value) if plain else event.value
        return self._named(event, Node(value, self._place(event), raw=event.value if plain else ""))

    def _alias(self, event: Any) -> Node:
        node = self._anchors.get(event.anchor)
        if node is None:
            inside = any(frame.event.anchor == event.anchor for frame in self._stack)
            message = (
                f"*{event.anchor} stands inside &{event.anchor}" if inside else f"nothing is marked &{event.anchor}"
            )
            raise self._stop("IK-SPEC-004", message, event)
        return node

    def _named(self, event: Any, node: Node) -> Node:
        if event.anchor:
            self._anchors[event.anchor] = node
        return node

    def _add(self, node: Node, event: Any) -> None:
        """Put a finished node where it belongs: the document, a list, or a mapping as key or value."""
        if not self._stack:
            self._root = node
            return
        frame = self._stack[-1]
        if not frame.is_map:
            frame.items.append(node)
        elif frame.key is None:
            frame.key = self._key(node, event)
            return
        else:
            if node.value is None and not node.raw:  # nothing is written there: the parser's mark is on the next key
                node = Node(None, frame.key[1])
            self._member(frame, *frame.key, node)
            frame.key = None
        frame.size += node.size
        if frame.size > _MOST_NODES:
            raise self._stop("IK-SPEC-003", f"more than {_MOST_NODES} values, aliases expanded", event)

    def _key(self, node: Node, event: Any) -> tuple[str, Place]:
        if isinstance(node.value, dict | tuple):
            raise self._stop("IK-SPEC-004", "a key must be one word, not a list or a mapping", event)
        if node.raw == "<<":
            raise self._stop(
                "IK-SPEC-004",
                'the merge key "<<" is not read',
                event,
                why="YAML 1.2 has no merge keys",
                fix="use include, or an alias for the whole value",
            )
        return node.raw or str(node.value), self._place(event)

    def _member(self, frame: _Frame, key: str, place: Place, node: Node) -> None:
        first = frame.members.get(key)
        if first is None:
            frame.members[key] = Member(place, node)
        else:
            self.problems.append(
                Diagnostic(
                    "IK-SPEC-005",
                    f'"{key}" stands here a second time',
                    place=place,
                    why=f"the first is in line {first.place.line}",
                    fix="keep one of the two",
                )
            )


def _rest(place: Place) -> int:
    """Return the length from a place to the end of its line, without a trailing comment."""
    text = place.text[place.column - 1 :]
    return max(1, len(re.sub(r"\s+#.*$", "", text).rstrip()))
