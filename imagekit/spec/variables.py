"""The variables of one spec file: its own defaults, what the including file has, and what the command line chose."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from imagekit.diagnostics import Diagnostic, Place
from imagekit.spec.nodes import Node
from imagekit.spec.templates import fill, names_used
from imagekit.spec.yamltext import core_value

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@dataclass(frozen=True, slots=True)
class Variables:
    """What each variable stands for, which the file declares, and what was wrong."""

    values: Mapping[str, Node]
    own: frozenset[str]
    problems: tuple[Diagnostic, ...] = ()


def read_variables(document: Node, outer: Mapping[str, Node], chosen: Mapping[str, str]) -> Variables:
    """Return the variables of a spec file; what was chosen wins over the including file, and that over the file's own.

    A variable may use others of the same file, whatever their order.
    """
    member = document.members.get("vars")
    own = {key: each.node for key, each in member.node.members.items()} if member else {}
    problems = list(_misshapen(document))
    values: dict[str, Node] = {}
    for name in chosen:
        node, problem = _chosen(name, chosen[name], own.get(name) or outer.get(name))
        values[name] = node
        problems += [problem] if problem else []
    values = {**outer, **values}
    waiting = {name: node for name, node in own.items() if name not in values}
    while waiting:
        ready = [name for name, node in waiting.items() if not names_used(node) & waiting.keys()]
        if not ready:
            problems.append(_cycle(waiting))
            values |= waiting
            break
        filled = {name: fill(waiting.pop(name), values, ("vars", name)) for name in ready}
        problems += [problem for part in filled.values() for problem in part.problems]
        values |= {name: part.node for name, part in filled.items()}
    return Variables(values, frozenset(own), tuple(problems))


def _misshapen(document: Node) -> Iterator[Diagnostic]:
    member = document.members.get("vars")
    if member is None or member.node.value is None:
        return
    if not isinstance(member.node.value, dict):
        yield Diagnostic("IK-SPEC-014", "must be a mapping of names to values", "vars", member.place)
    for key, each in member.node.members.items():
        if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_-]*", key):
            yield Diagnostic(
                "IK-SPEC-033",
                f'"{key}" cannot be the name of a variable',
                f"vars.{key}",
                each.place,
                why="a name begins with a letter or _ and holds letters, digits, _ and -",
            )


def _cycle(waiting: Mapping[str, Node]) -> Diagnostic:
    name, node = next(iter(waiting.items()))
    chain = [name]
    while (following := next(iter(sorted(names_used(waiting[chain[-1]]) & waiting.keys())))) not in chain:
        chain.append(following)
    words = " uses ".join([*chain[chain.index(following) :], following])
    return Diagnostic("IK-SPEC-034", "is made of itself", f"vars.{name}", node.place, why=words)


def _chosen(name: str, text: str, default: Node | None) -> tuple[Node, Diagnostic | None]:
    """Return a value of the command line, of the sort that the declared default has."""
    place = Place(f"--set {name}", 1, 1, max(1, len(text)), text)
    sort = type(default.value) if default is not None else str
    if sort not in (int, float, bool):
        return Node(text, place), None
    value = core_value(text)
    if type(value) is sort or (sort is float and type(value) is int):
        return Node(value, place, raw=text), None
    words = {int: "a whole number", float: "a number", bool: "true or false"}[sort]
    problem = Diagnostic("IK-SPEC-033", f"--set {name}={text}: must be {words}, as its default in the spec is")
    return Node(text, place), problem
