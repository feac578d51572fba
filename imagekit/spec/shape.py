"""The shape of an item of ``transforms``: which of its keys is the kind, and which value holds the fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, get_origin

from imagekit.diagnostics import Diagnostic
from imagekit.spec.fields import names_at
from imagekit.spec.nodes import Member, Node
from imagekit.spec.sentences import nearest_name

if TYPE_CHECKING:
    from imagekit.transform import Transform

BESIDE = ("id", "when")
"""What may stand beside a kind, besides keys that begin with x-."""


@dataclass(frozen=True, slots=True)
class Kinds:
    """The kinds that a spec may name."""

    classes: Mapping[str, type[Transform]]

    @property
    def broken(self) -> dict[str, str]:
        """Why others that it may mean cannot be used; asked for after the rest, since it loads every plugin."""
        return {error.kind: error.message for error in getattr(self.classes, "broken", ())}


class Misshapen(Exception):
    """An item whose shape cannot be read."""

    def __init__(self, code: str, message: str, field: str, member: Member, *, why: str = "", fix: str = "") -> None:
        self.diagnostic = Diagnostic(code, message, field, member.place, why=why, fix=fix)
        super().__init__(message)


def kind_of(node: Node, field: str, kinds: Kinds) -> tuple[str, Member]:
    """Return the kind of an item and the member that holds its fields; a bare name has none.

    Raises:
        Misshapen: the item has no kind, several, or something else beside it.
    """
    found = _candidates(node, field)
    known = [pair for pair in found if pair[0] in kinds.classes]
    for name, member in found:
        if name not in kinds.classes:
            raise _beside(name, member, field, known[0][0], kinds) if known else _no_kind(name, member, field, kinds)
    if len(known) > 1:
        name, member = known[1]
        raise Misshapen(
            "IK-SPEC-010",
            f"one item is one kind, and this one has {' and '.join(kind for kind, _ in known)}",
            field,
            member,
            fix=f'begin a new item: "- {name}: …"',
        )
    return known[0]


def fields_of(cls: type[Transform], kind: str, member: Member, field: str) -> Node:
    """Return the fields of an item as a mapping, with a main field that was given alone under its name.

    Raises:
        Misshapen: a value was given alone, and the kind has no main field.
    """
    node = member.node
    if isinstance(node.value, dict) and not _is_main(cls, node):
        if "kind" in node.members:
            raise Misshapen(
                "IK-SPEC-012", f'"kind" is no field of {kind}', field, node.members["kind"], fix="leave it out"
            )
        _check_list(cls, kind, member, field)
        return node
    if node.value is None:
        return Node({}, member.place)
    if cls.main is None:
        raise Misshapen(
            "IK-SPEC-016",
            f"{kind} takes a mapping of its fields",
            field,
            Member(node.place, node),
            why=f"no field of {kind} may be given alone",
            fix=f"see an example: imagekit transforms {kind}",
        )
    return Node({cls.main: Member(member.place, node)}, member.place)


def _check_list(cls: type[Transform], kind: str, member: Member, field: str) -> None:
    """Object to a mapping that is one item of the list which the main field takes."""
    keys = set(member.node.members)
    if cls.main is None or not keys or keys & set(cls.model_fields) or not keys & set(names_at(cls, (cls.main,))):
        return
    raise Misshapen(
        "IK-SPEC-014",
        f"{kind} takes a list, and this is one item of it",
        field,
        member,
        fix=f'- {kind}: [{{{next(iter(member.node.members))}: …}}], or begin the item with "- "',
    )


def _candidates(node: Node, field: str) -> list[tuple[str, Member]]:
    """Return the keys of an item that may be its kind."""
    if isinstance(node.value, str):
        return [(node.value, Member(node.place, Node(None, node.place)))]
    whole = Member(node.place, node)
    if not node.members:
        raise Misshapen(
            "IK-SPEC-010",
            "an item is the name of a kind, or a mapping with one kind",
            field,
            whole,
            fix="- hostname: web",
        )
    found = [pair for pair in node.members.items() if pair[0] not in BESIDE and not pair[0].startswith("x-")]
    if not found:
        raise Misshapen("IK-SPEC-010", "names no kind", field, whole, why="only id, when or x- keys stand here")
    return found


def _beside(name: str, member: Member, field: str, kind: str, kinds: Kinds) -> Misshapen:
    """Return what to say about a key that stands beside a kind."""
    cls = kinds.classes[kind]
    near = nearest_name(name, BESIDE)
    meant = nearest_name(name, [each for each in cls.model_fields if each != "kind"])
    if near and name not in cls.model_fields:
        why, fix = "", f'did you mean "{near}"?'
    elif meant:
        why, fix = f"{meant} is a field of {kind}, so it stands below it, indented further", f"- {kind}: {{{meant}: …}}"
    else:
        why, fix = "beside a kind may stand id, when, and keys that begin with x-", ""
    return Misshapen("IK-SPEC-010", f'"{name}" cannot stand beside a kind', field, member, why=why, fix=fix)


def _no_kind(name: str, member: Member, field: str, kinds: Kinds) -> Misshapen:
    """Return what to say about a key that is no kind."""
    broken = kinds.broken
    if name in broken:
        return Misshapen("IK-SPEC-061", broken[name], field, member)
    near = nearest_name(name, tuple(kinds.classes))
    fix = f'did you mean "{near}"?' if near else "see the kinds: imagekit transforms"
    return Misshapen("IK-SPEC-011", f'there is no kind "{name}"', field, member, fix=fix)


def _is_main(cls: type[Transform], node: Node) -> bool:
    """Tell whether a mapping is the main field given alone: that field takes one, and no key is a field."""
    if cls.main is None or not node.members or any(key in cls.model_fields for key in node.members):
        return False
    return get_origin(cls.model_fields[cls.main].annotation) in (dict, Mapping)
