"""Farms from files and texts: read and validated, with all that is wrong at once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from imagekit.diagnostics import Diagnostic, Place
from imagekit.farm.document import Crossing, Farm, FarmInvalid
from imagekit.farm.faults import faults
from imagekit.spec.nodes import Member, Node, parse_path
from imagekit.spec.textfile import read_text
from imagekit.spec.validation import validate
from imagekit.spec.yamltext import read_yaml

if TYPE_CHECKING:
    from collections.abc import Iterable

_EXAMPLE = "images: [images/*.qcow2], and below it specs: [web.yaml]"
_SHARED = "IK-SPEC-"
C = TypeVar("C", bound=Crossing)


def load_farm(path: Path | str) -> Farm:
    """Return the farm that a file is.

    Raises:
        FarmInvalid: with every problem of the document itself; ``expand`` looks at the files that it names.
    """
    text, problem = read_text(Path(path), str(path))
    if text is None:
        raise _invalid([problem] if problem else [])
    return parse_farm(text, str(path))


def parse_farm(text: str, name: str = "FARM.yaml") -> Farm:
    """Return the farm that a text is; ``name`` is what places call it.

    Raises:
        FarmInvalid: as ``load_farm``.
    """
    node, problems = read_yaml(text, name, "farm")
    if node is None or not isinstance(node.value, dict):
        raise _invalid(problems or [_no_mapping(node, name)])
    written = Node({key: each for key, each in node.members.items() if not key.startswith("x-")}, node.place)
    fields = _as_written(written)
    farm, misfits = validate(Farm, fields, "", Place(name, 1, 1), {})
    crossing = _placed(farm, written) or _placed(_crossing(fields, misfits), written)
    found = [*problems, *misfits, *(faults(crossing) if crossing else ())]
    if found or farm is None:
        raise _invalid(found)
    return farm


def _placed(farm: C | None, document: Node) -> C | None:
    if farm is not None:
        farm._document = document  # noqa: SLF001  its own module family makes it
    return farm


def _crossing(fields: Node, misfits: Iterable[Diagnostic]) -> Crossing | None:
    """Return what can be judged of a farm that is wrong elsewhere; None if its own parts are what is wrong."""
    wrong = {parse_path(each.field)[0] for each in misfits if each.field}
    own = {key: each for key, each in fields.members.items() if key in Crossing.model_fields}
    return None if wrong & own.keys() else validate(Crossing, Node(own, fields.place), "", fields.place, {})[0]


def _as_written(document: Node) -> Node:
    """Return the document with each value of a variable as the text that it was written as: 22.10 is not 22.1."""
    kept = {key: each for key, each in document.members.items() if key in ("matrix", "exclude")}
    texts = {key: Member(each.place, _texts(each.node)) for key, each in kept.items()}
    return Node({**document.members, **texts}, document.place)


def _texts(node: Node) -> Node:
    if isinstance(node.value, dict):
        members = {key: Member(each.place, _texts(each.node)) for key, each in node.members.items()}
        return replace(node, value=members)
    if isinstance(node.value, tuple):
        return replace(node, value=tuple(_texts(item) for item in node.items))
    return replace(node, value=node.raw) if node.raw and node.value is not None else node


def _no_mapping(node: Node | None, name: str) -> Diagnostic:
    if node is None or node.value is None:
        return Diagnostic("IK-FARM-006", "the farm is empty", place=Place(name, 1, 1), fix=_EXAMPLE)
    what = "a list" if isinstance(node.value, tuple) else "text"
    return Diagnostic("IK-FARM-006", f"a farm is a mapping, not {what}", place=node.place, fix=_EXAMPLE)


def _invalid(problems: Iterable[Diagnostic]) -> FarmInvalid:
    """Return the error of a farm; what the reader of specs found has the farm's code of the same number."""
    told = [
        replace(each, code=f"IK-FARM-{each.code.removeprefix(_SHARED)}") if each.code.startswith(_SHARED) else each
        for each in dict.fromkeys(problems)
    ]
    return FarmInvalid(
        tuple(sorted(told, key=lambda each: (each.place.line, each.place.column) if each.place else (0, 0)))
    )
