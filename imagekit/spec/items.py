"""One item of ``transforms``: its kind, its fields, and what stands beside the kind."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict

from imagekit.diagnostics import Diagnostic
from imagekit.spec.conditions import When
from imagekit.spec.model import Entry, Identifier, Origin, Pending
from imagekit.spec.nodes import Member, Node, join, parse_path
from imagekit.spec.sentences import nearest_name
from imagekit.spec.templates import fill, fill_facts, unready
from imagekit.spec.validation import validate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from imagekit.guest.facts import Facts
    from imagekit.transform import Transform

_BESIDE = ("id", "when")


class Beside(BaseModel):
    """What may stand beside the kind of an item."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    id: Identifier | None = None
    """A name of your own for the step, unique in the spec."""
    when: When | None = None
    """The guests that the step is for; on others it is skipped."""


@dataclass(frozen=True, slots=True)
class Kinds:
    """The kinds that a spec may name, and why others that it may mean cannot be used."""

    classes: Mapping[str, type[Transform]]
    broken: Mapping[str, str]


class _Wrong(Exception):
    """An item whose shape cannot be read."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        self.diagnostic = diagnostic
        super().__init__(diagnostic.message)


def read_item(
    written: Node, field: str, variables: Mapping[str, Node], kinds: Kinds, context: Mapping[str, Any]
) -> tuple[Entry | None, tuple[Diagnostic, ...]]:
    """Return the entry that an item of ``transforms`` is, or None and what is wrong with it.

    Args:
        written: the item.
        field: its field path, ``transforms[2]``.
        variables: what ``${{ name }}`` stands for in it.
        kinds: what it may be.
        context: the spec's ``folder`` and ``secrets``.
    """
    node, unfilled = _filled(written, field, variables, kinds)
    try:
        kind, member = _kind_of(node, field, kinds)
        cls = kinds.classes[kind]
        fields = _fields(cls, kind, member, field)
    except _Wrong as wrong:
        return None, unfilled or (wrong.diagnostic,)
    origin = Origin(field, member.place, fields)
    beside_node = Node({key: node.members[key] for key in _BESIDE if key in node.members}, node.place)
    beside, beside_wrong = validate(Beside, beside_node, field, node.place, context)
    beside_wrong += () if unfilled else tuple(unready(beside_node, parse_path(field)))
    transform, wrong_fields = validate(cls, fields, field, member.place, context)
    problems = (*unfilled, *beside_wrong, *wrong_fields)
    if problems or beside is None:
        return None, problems
    done: Transform | Pending = transform if transform and not fields.pending() else Pending(cls, fields, context)
    return Entry(transform=done, id=beside.id, when=beside.when, place=member.place, origin=origin), ()


def complete(pending: Pending, origin: Origin, facts: Facts) -> tuple[Transform | None, tuple[Diagnostic, ...]]:
    """Return the transform that a pending one becomes on a guest of which this is known, or what is wrong with it."""
    filled = fill_facts(pending.fields, facts)
    if filled.problems:
        return None, filled.problems
    return validate(pending.kind, filled.node, origin.field, origin.place, pending.context)


def _filled(
    written: Node, field: str, variables: Mapping[str, Node], kinds: Kinds
) -> tuple[Node, tuple[Diagnostic, ...]]:
    """Return an item with its variables filled in; what is wrong is told by the transform's own field paths."""
    filled = fill(written, variables)
    problems = []
    for problem in filled.problems:
        kind, *rest = parse_path(problem.field) or ("",)
        if kind in kinds.classes:
            alone = written.members[str(kind)].node.value
            main = kinds.classes[str(kind)].main
            rest = rest if isinstance(alone, dict) or main is None else [main, *rest]
        problems.append(replace(problem, field=join(field, tuple(rest))))
    return filled.node, tuple(problems)


def _kind_of(node: Node, field: str, kinds: Kinds) -> tuple[str, Member]:
    """Return the kind of an item and the member that holds its fields; a bare name has none."""
    if isinstance(node.value, str):
        found = [(node.value, Member(node.place, Node(None, node.place)))]
    elif node.members:
        rest = {key: member for key, member in node.members.items() if not key.startswith("x-")}
        found = [(key, member) for key, member in rest.items() if key not in _BESIDE]
    else:
        raise _Wrong(
            Diagnostic(
                "IK-SPEC-010",
                "must be the name of a kind, or a mapping with one kind",
                field,
                node.place,
                fix="- generalize",
            )
        )
    if not found:
        raise _Wrong(
            Diagnostic("IK-SPEC-010", "names no kind", field, node.place, why="only id, when or x- keys stand here")
        )
    known = [pair for pair in found if pair[0] in kinds.classes]
    if len(known) > 1:
        second = known[1]
        raise _Wrong(
            Diagnostic(
                "IK-SPEC-010",
                f"one item is one kind, and this one has {' and '.join(kind for kind, _ in known)}",
                field,
                second[1].place,
                fix=f'begin a new item: "- {second[0]}: …"',
            )
        )
    strange = next((pair for pair in found if pair[0] not in kinds.classes), None)
    if strange:
        raise _Wrong(_strange(strange[0], strange[1], field, kinds, known))
    return known[0]


def _strange(name: str, member: Member, field: str, kinds: Kinds, known: list[tuple[str, Member]]) -> Diagnostic:
    """Return what to say about a key that is no kind."""
    if known:
        cls, kind = kinds.classes[known[0][0]], known[0][0]
        if name in cls.model_fields:
            return Diagnostic(
                "IK-SPEC-010",
                f'"{name}" stands beside {kind}, not below it',
                field,
                member.place,
                why=f"{name} is a field of {kind}, and must be indented further than it",
                fix=f"- {kind}: {{{name}: …}}",
            )
        near = nearest_name(name, _BESIDE)
        return Diagnostic(
            "IK-SPEC-010",
            f'"{name}" cannot stand beside a kind',
            field,
            member.place,
            why="" if near else "beside a kind may stand id, when, and keys that begin with x-",
            fix=f'did you mean "{near}"?' if near else "",
        )
    if name in kinds.broken:
        return Diagnostic("IK-SPEC-061", kinds.broken[name], field, member.place)
    near = nearest_name(name, tuple(kinds.classes))
    fix = f'did you mean "{near}"?' if near else "see the kinds: imagekit transforms"
    return Diagnostic("IK-SPEC-011", f'there is no kind "{name}"', field, member.place, fix=fix)


def _fields(cls: type[Transform], kind: str, member: Member, field: str) -> Node:
    """Return the fields of an item as a mapping, with a main field that was given alone under its name."""
    node = member.node
    if isinstance(node.value, dict) and not _main_is_mapping(cls, node):
        if "kind" in node.members:
            place = node.members["kind"].place
            raise _Wrong(Diagnostic("IK-SPEC-012", f'"kind" is no field of {kind}', field, place, fix="leave it out"))
        return node
    if node.value is None:
        return Node({}, member.place)
    if cls.main is None:
        raise _Wrong(
            Diagnostic(
                "IK-SPEC-016",
                f"{kind} takes a mapping of its fields",
                field,
                node.place,
                why=f"no field of {kind} may be given alone",
                fix=" ".join(f"- {cls.example}".split())
                if "\n" not in cls.example
                else f"see: imagekit transforms {kind}",
            )
        )
    return Node({cls.main: Member(member.place, node)}, member.place)


def _main_is_mapping(cls: type[Transform], node: Node) -> bool:
    """Tell whether a mapping is the main field given alone: none of its keys is a field, and the main one takes it."""
    if cls.main is None or any(key in cls.model_fields for key in node.members) or not node.members:
        return False
    annotation = str(cls.model_fields[cls.main].annotation)
    return annotation.startswith(("dict[", "typing.Mapping[", "collections.abc.Mapping["))
