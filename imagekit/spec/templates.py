"""Variables: ``${{ name }}`` in any string of a spec, and ``${{ facts.name }}``, which waits for the guest.

``${{ 'text' }}`` stands for the text itself, so that ``${{`` can be written. No other $ is special.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from imagekit.diagnostics import Diagnostic
from imagekit.guest.facts import Facts
from imagekit.spec.nodes import FactReference, Member, Node, Path, Template, spell

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

REFERENCE = re.compile(r"\$\{\{(?:\s*'([^']*)'\s*\}\}|(.*?)\}\}|)", re.DOTALL)
"""``${{ … }}``: the text in quotes, or the name; neither if it has no end."""
LONGEST = 1 << 20
"""How many characters a text may have once its variables are filled in."""
QUOTE_IT = "for the text itself write ${{ '${{' }}, or put the text in a file"
"""The way out where a ``${{`` was not meant as a reference."""
STAND_ALONE = "let the ${{ }} be the whole string"
"""The way out where a list or a mapping would have to become text."""
_LARGEST = 100_000
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*(\.[A-Za-z_][A-Za-z0-9_-]*)?")


@dataclass(frozen=True, slots=True)
class Filled:
    """A node with its variables filled in, and what was wrong; a string that could not be filled stays a template."""

    node: Node
    problems: tuple[Diagnostic, ...] = ()


class BadTemplate(Exception):
    """A string asks for something that there is not."""

    def __init__(self, code: str, message: str, *, why: str = "", fix: str = "") -> None:
        self.code, self.message, self.why, self.fix = code, message, why, fix
        super().__init__(message)


def fill(node: Node, variables: Mapping[str, Node], path: Path = ()) -> Filled:
    """Return the node with each variable replaced; a string that is one variable alone becomes its whole value."""
    if isinstance(node.value, str) and "${{" in node.value:
        try:
            return Filled(_string(node, variables))
        except BadTemplate as bad:
            problem = Diagnostic(bad.code, bad.message, spell(path), node.place, why=bad.why, fix=bad.fix)
            return Filled(Node(Template((node.value,)), node.place), (problem,))
    if not isinstance(node.value, dict | tuple):
        return Filled(node)
    return _collected(node, path, {step: fill(child, variables, (*path, step)) for step, child in node.children()})


def fill_facts(node: Node, facts: Facts, path: Path = ()) -> Filled:
    """Return the node with every reference to a fact replaced."""
    if isinstance(node.value, Template):
        known = {reference.name: getattr(facts, reference.name) for reference in _references(node.value)}
        try:
            return Filled(
                _joined(node, [known[p.name] if isinstance(p, FactReference) else p for p in node.value.parts])
            )
        except BadTemplate as bad:
            return Filled(node, (Diagnostic(bad.code, bad.message, spell(path), node.place, why=bad.why, fix=bad.fix),))
    if not isinstance(node.value, dict | tuple):
        return Filled(node)
    return _collected(node, path, {step: fill_facts(child, facts, (*path, step)) for step, child in node.children()})


def unready(node: Node, path: Path = ()) -> Iterator[Diagnostic]:
    """Yield each string that waits for facts, where none can be waited for."""
    if isinstance(node.value, Template):
        yield Diagnostic(
            "IK-SPEC-031",
            "the facts of the guest are not known here",
            spell(path),
            node.place,
            why="only the fields of a transform may wait for them",
        )
    for step, child in node.children():
        yield from unready(child, (*path, step))


def names_used(node: Node) -> frozenset[str]:
    """Return the variables that the strings of a node ask for."""
    if isinstance(node.value, str):
        return frozenset(name.strip() for _, name in REFERENCE.findall(node.value) if name)
    return frozenset().union(*(names_used(child) for _, child in node.children()))


def _references(template: Template) -> Iterable[FactReference]:
    return (part for part in template.parts if isinstance(part, FactReference))


def _collected(node: Node, path: Path, filled: Mapping[str | int, Filled]) -> Filled:
    """Put a list or a mapping together again, with what was wrong and used below it."""
    size = 1 + sum(part.node.size for part in filled.values())
    problems = tuple(problem for part in filled.values() for problem in part.problems)
    if size > _LARGEST:
        much = Diagnostic("IK-SPEC-003", "becomes too large with its variables filled in", spell(path), node.place)
        return Filled(node, (*problems, much))
    if isinstance(node.value, tuple):
        return Filled(Node(tuple(part.node for part in filled.values()), node.place, size=size), problems)
    members = {key: Member(member.place, filled[key].node) for key, member in node.members.items()}
    return Filled(Node(members, node.place, size=size), problems)


def _string(node: Node, variables: Mapping[str, Node]) -> Node:
    """Fill one string."""
    text, parts, at = str(node.value), list[Any](), 0
    for found in REFERENCE.finditer(text):
        parts.append(text[at : found.start()])
        parts.append(value_of(found, variables))
        at = found.end()
    parts.append(text[at:])
    return _joined(node, [part for part in parts if not (isinstance(part, str) and not part)])


def value_of(found: re.Match[str], variables: Mapping[str, Node]) -> str | FactReference | Node:
    """Return what one reference stands for.

    Raises:
        BadTemplate: there is no such variable or fact, or no name.
    """
    literal, name = found.groups()
    if literal is not None:
        return literal
    name = (name or "").strip()
    if not _NAME.fullmatch(name):
        raise BadTemplate(
            "IK-SPEC-031",
            f'"{found.group().strip()}" names no variable',
            why="between ${{ and }} stands the name of a variable, or facts.NAME",
            fix=QUOTE_IT,
        )
    group, _, fact = name.partition(".")
    if group == "facts":
        return _fact(fact)
    if name in variables:
        return variables[name]
    raise _unknown(name, group, variables)


def _fact(name: str) -> FactReference:
    if name in Facts.model_fields:
        return FactReference(name)
    near = difflib.get_close_matches(name, Facts.model_fields, n=1)
    known = ", ".join(Facts.model_fields)
    raise BadTemplate(
        "IK-SPEC-030",
        f'no fact is named "{name}"',
        why="" if near else f"the facts are {known}",
        fix=f"did you mean ${{{{ facts.{near[0]} }}}}?" if near else "",
    )


def _unknown(name: str, group: str, variables: Mapping[str, Node]) -> BadTemplate:
    if group in ("secrets", "secret"):
        return BadTemplate(
            "IK-SPEC-031",
            "a secret cannot be put into text",
            why="what it is put into would be printed and recorded",
            fix=f"in a field that takes a secret, write {{secret: {name.partition('.')[2] or 'NAME'}}}",
        )
    near = difflib.get_close_matches(name, variables, n=1)
    fix = f"did you mean ${{{{ {near[0]} }}}}?" if near else f"declare it: vars: {{{name}: …}}, or give --set {name}=…"
    return BadTemplate("IK-SPEC-030", f'no variable is named "{name}"', fix=fix)


def _joined(node: Node, parts: list[Any]) -> Node:
    """Join text, values of variables and references to facts; one value alone keeps its type."""
    if len(parts) == 1 and isinstance(parts[0], Node):
        return _placed(parts[0], node)
    if len(parts) == 1 and not isinstance(parts[0], FactReference):
        return _placed(_as_node(parts[0], node), node)
    flat: list[str | FactReference] = []
    for part in parts:
        value = part.value if isinstance(part, Node) else part
        pieces = value.parts if isinstance(value, Template) else (value,)
        flat += [piece if isinstance(piece, FactReference) else as_text(piece) for piece in pieces]
    if any(isinstance(piece, FactReference) for piece in flat):
        return Node(Template(tuple(flat)), node.place)
    text = "".join(str(piece) for piece in flat)
    if len(text) > LONGEST:
        raise BadTemplate("IK-SPEC-003", f"becomes longer than {LONGEST >> 20} MiB with its variables filled in")
    return Node(text, node.place, size=1 + len(text) // 256)


def _placed(value: Node, node: Node) -> Node:
    """Return a variable's value as it stands where it is used: that is the place which the author looks at."""
    if isinstance(value.value, tuple):
        return Node(tuple(_placed(item, node) for item in value.value), node.place, size=value.size)
    if isinstance(value.value, dict):
        members = {key: Member(node.place, _placed(member.node, node)) for key, member in value.value.items()}
        return Node(members, node.place, size=value.size)
    return Node(value.value, node.place, raw=value.raw)


def _as_node(value: Any, node: Node) -> Node:
    return (
        Node(tuple(Node(item, node.place) for item in value), node.place)
        if isinstance(value, tuple)
        else Node(value, node.place)
    )


def as_text(value: Any) -> str:
    """Return a value as it stands inside text.

    Raises:
        BadTemplate: it is a list or a mapping.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, dict | tuple | list):
        raise BadTemplate(
            "IK-SPEC-032",
            f"a {'mapping' if isinstance(value, dict) else 'list'} cannot stand inside text",
            fix=STAND_ALONE,
        )
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)
