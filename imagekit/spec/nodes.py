"""The nodes of a YAML document, each with its place; and field paths, ``users[1].groups[0]``."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from imagekit.diagnostics import Place

Path = tuple[str | int, ...]
"""The way to a field: names and indices."""

_STEP = re.compile(r"\[(\d+)\]|([^.\[\]]+)")


@dataclass(frozen=True, slots=True)
class FactReference:
    """``${{ facts.NAME }}``: what is only known once the guest was inspected."""

    name: str


@dataclass(frozen=True, slots=True)
class Template:
    """A string of which parts are only known once the guest was inspected."""

    parts: tuple[str | FactReference, ...]

    def __str__(self) -> str:
        return "".join(part if isinstance(part, str) else f"${{{{ facts.{part.name} }}}}" for part in self.parts)


@dataclass(frozen=True, slots=True)
class Member:
    """A key of a mapping, and what stands behind it."""

    place: Place
    node: Node


@dataclass(frozen=True, slots=True)
class Node:
    """A value that the author wrote.

    Attributes:
        value: a scalar of YAML's core schema, a template, the items of a list, or the members of a mapping.
        place: where it is, as far as the end of its first line.
        raw: a plain scalar as it is written, ``0644``; "" for all else.
        size: how many nodes it is made of, aliases expanded.
    """

    value: str | float | bool | Template | tuple[Node, ...] | Mapping[str, Member] | None
    place: Place
    raw: str = field(default="", compare=False)
    size: int = field(default=1, compare=False)

    @property
    def members(self) -> Mapping[str, Member]:
        """The members of a mapping; none for all else."""
        return self.value if isinstance(self.value, dict) else {}

    @property
    def items(self) -> tuple[Node, ...]:
        """The items of a list; none for all else."""
        return self.value if isinstance(self.value, tuple) else ()

    def children(self) -> Iterator[tuple[str | int, Node]]:
        """Yield each node right below, with the step that leads to it."""
        yield from enumerate(self.items)
        yield from ((key, member.node) for key, member in self.members.items())

    def plain(self) -> Any:
        """Return the value without places: what pydantic is given."""
        if isinstance(self.value, tuple):
            return [item.plain() for item in self.value]
        if isinstance(self.value, dict):
            return {key: member.node.plain() for key, member in self.value.items()}
        return str(self.value) if isinstance(self.value, Template) else self.value

    def pending(self) -> bool:
        """Tell whether any part waits for the facts of the guest."""
        return isinstance(self.value, Template) or any(child.pending() for _, child in self.children())


def step_into(node: Node, step: str | int) -> Node | None:
    """Return the node one step further, or None where the document has none."""
    if isinstance(step, int):
        return node.items[step] if 0 <= step < len(node.items) else None
    member = node.members.get(step)
    return member.node if member else None


def nearest(node: Node, path: Path) -> Node:
    """Return the node at the end of the path, or the last one on the way that the document has."""
    for step in path:
        further = step_into(node, step)
        if further is None:
            break
        node = further
    return node


def without(node: Node, *keys: str) -> Node:
    """Return a mapping less some of its keys."""
    return Node({key: member for key, member in node.members.items() if key not in keys}, node.place)


def spell(path: Path) -> str:
    """Write a path as text: ``users[1].groups[0]``."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text


def join(prefix: str, path: Path) -> str:
    """Write a path that goes on from another one: ``transforms[2].users[1]``."""
    rest = spell(path)
    return f"{prefix}.{rest}" if prefix and rest and not rest.startswith("[") else f"{prefix}{rest}"


def parse_path(text: str) -> Path:
    """Read a path from text, as ``spell`` writes it."""
    return tuple(int(index) if index else name for index, name in _STEP.findall(text))
