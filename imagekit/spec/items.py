"""One item of ``transforms``: its kind, its fields, and what stands beside the kind."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict

from imagekit.spec.conditions import When
from imagekit.spec.model import Entry, Identifier, Origin, Pending
from imagekit.spec.nodes import Node, join, parse_path
from imagekit.spec.shape import BESIDE, Kinds, Misshapen, fields_of, kind_of
from imagekit.spec.templates import fill, fill_facts, unready
from imagekit.spec.validation import validate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from imagekit.diagnostics import Diagnostic
    from imagekit.guest.facts import Facts
    from imagekit.transform import Transform


class Beside(BaseModel):
    """What may stand beside the kind of an item."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    id: Identifier | None = None
    """A name of your own for the step, unique in the spec."""
    when: When | None = None
    """The guests that the step is for; on others it is skipped."""


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
        kind, member = kind_of(node, field, kinds)
        cls = kinds.classes[kind]
        fields = fields_of(cls, kind, member, field)
    except Misshapen as wrong:
        return None, unfilled or (wrong.diagnostic,)
    beside_node = Node({key: node.members[key] for key in BESIDE if key in node.members}, node.place)
    beside, beside_wrong = validate(Beside, beside_node, field, node.place, context)
    origin = Origin(field, member.place, fields, beside_node)
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
        path = parse_path(problem.field)
        if path and path[0] in kinds.classes:
            kind = str(path[0])
            alone = not isinstance(written.members[kind].node.value, dict)
            main = kinds.classes[kind].main
            path = (main, *path[1:]) if alone and main else path[1:]
        problems.append(replace(problem, field=join(field, path)))
    return filled.node, tuple(problems)
