"""A mapping of a spec through a pydantic model, with every error at its place in the author's file."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError

from imagekit.diagnostics import Diagnostic, Place
from imagekit.spec.fields import about, names_at, owner
from imagekit.spec.filling import TextInvalid
from imagekit.spec.nodes import Node, Path, join, nearest, step_into
from imagekit.spec.sentences import EXPECTED, Sentence, missing, nearest_name, say, unknown, wrong_sort

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pydantic_core import ErrorDetails

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class _Located:
    """An error, the way to the node it is about, and the branches of unions that it came through."""

    error: ErrorDetails
    path: Path
    branches: tuple[tuple[Path, str], ...] = ()

    @property
    def kind(self) -> str:
        return str(self.error["type"])

    @property
    def certain(self) -> bool:
        """Whether it stays true whatever a template becomes."""
        return self.kind in ("missing", "extra_forbidden")


def validate(
    model: type[M], fields: Node, prefix: str, place: Place, context: Mapping[str, Any]
) -> tuple[M | None, tuple[Diagnostic, ...]]:
    """Return the model made of a mapping, or None and what is wrong with it.

    What depends on a template that waits for facts is not judged yet: then the model may be None without errors.

    Args:
        model: a frozen model that forbids extra fields.
        fields: the mapping.
        prefix: the field path of the mapping, ``transforms[2]``.
        place: where to point when the whole is wrong.
        context: the spec's ``folder`` and ``secrets``.
    """
    try:
        return model.model_validate(fields.plain(), context=dict(context)), ()
    except ValidationError as error:
        found = [_locate(fields, detail) for detail in error.errors(include_url=False)]
    found = [each for each in found if not _follows(each, found)]
    open_ones = [each for each in found if each.certain or not nearest(fields, each.path).pending()]
    told = _misspelt(model, tuple(_collapse(open_ones)))
    drawn = (each for found in told for each in _drawn(model, fields, prefix, place, found))
    return None, tuple(dict.fromkeys(drawn))


def _misspelt(
    model: type[BaseModel], errors: tuple[_Located | tuple[_Located, ...], ...]
) -> Iterator[_Located | tuple[_Located, ...]]:
    """Yield the errors but for each missing field that stands there under a misspelt name."""
    single = [each for each in errors if isinstance(each, _Located)]
    extra = [each.path for each in single if each.kind == "extra_forbidden"]
    meant = {(*path[:-1], nearest_name(str(path[-1]), tuple(names_at(model, path[:-1])))) for path in extra}
    for each in errors:
        missed = isinstance(each, _Located) and each.kind == "missing" and (*each.path, each.error["loc"][-1]) in meant
        if not missed:
            yield each


def _locate(node: Node, error: ErrorDetails) -> _Located:
    """Follow pydantic's location through the document; what the document does not have names a branch of a union."""
    path: Path = ()
    branches: list[tuple[Path, str]] = []
    steps = error["loc"][:-1] if error["type"] == "missing" else error["loc"]
    for step in steps:
        further = step_into(node, step)
        if further is None:
            branches.append((path, str(step)))
        else:
            node, path = further, (*path, step)
    return _Located(error, path, tuple(branches))


def _follows(error: _Located, others: Sequence[_Located]) -> bool:
    """Tell whether an error is only there because of another: a list is too short once its bad items are gone."""
    depth = len(error.path)
    return error.kind == "too_short" and any(
        len(other.path) > depth and other.path[:depth] == error.path for other in others
    )


def _collapse(errors: Sequence[_Located]) -> Iterator[_Located | tuple[_Located, ...]]:
    """Yield each error that stands for itself, and those together that only say which sorts of value a union takes."""
    unions: dict[Path, dict[str, list[_Located]]] = {}
    for each in errors:
        if not each.branches:
            yield each
            continue
        path, branch = each.branches[0]
        inner = _Located(each.error, each.path, each.branches[1:])
        unions.setdefault(path, {}).setdefault(branch, []).append(inner)
    for path, union in unions.items():
        fitting = [inner for inner in union.values() if not all(_only_sort(each, path) for each in inner)]
        if fitting:
            yield from _collapse(min(fitting, key=_distance))
        else:
            yield tuple(each for inner in union.values() for each in inner)


def _only_sort(error: _Located, path: Path) -> bool:
    return error.path == path and error.kind in EXPECTED


def _distance(errors: Sequence[_Located]) -> tuple[int, int]:
    """Return how far the author's value is from a branch: fields too many or too few, then all errors."""
    return sum(each.certain for each in errors), len(errors)


def _drawn(
    model: type[BaseModel], fields: Node, prefix: str, place: Place, found: _Located | tuple[_Located, ...]
) -> Iterator[Diagnostic]:
    """Yield what one error says; the errors of a text that a field names have places of their own."""
    raised = None if isinstance(found, tuple) else found.error.get("ctx", {}).get("error")
    if not isinstance(raised, TextInvalid) or isinstance(found, tuple):
        yield _draw(model, fields, prefix, place, found)
        return
    yield from (replace(each, field=join(prefix, found.path)) for each in raised.diagnostics)


def _draw(
    model: type[BaseModel], fields: Node, prefix: str, place: Place, found: _Located | tuple[_Located, ...]
) -> Diagnostic:
    first = found[0] if isinstance(found, tuple) else found
    node = nearest(fields, first.path)
    at = place if node is fields else node.place
    path = first.path
    if isinstance(found, tuple):
        words = tuple(EXPECTED[each.kind] for each in found)
        sentence = wrong_sort(words, node, about(model, path))
    elif first.kind == "missing":
        name = str(first.error["loc"][-1])
        sentence = missing(name, about(model, (*path, name)))
    elif first.kind == "extra_forbidden":
        sentence, at, path = _unknown_field(model, path), _key_place(fields, path), path[:-1]
    else:
        sentence = say(first.error, node, about(model, path))
    return _diagnostic(sentence, join(prefix, path), at)


def _unknown_field(model: type[BaseModel], path: Path) -> Sentence:
    known = tuple(names_at(model, path[:-1]))
    name = owner(model, path[:-1])
    what = model.model_config.get("title") or "spec"
    return unknown(str(path[-1]), f"field of {name}" if name else f"key of a {what}", known)


def _key_place(fields: Node, path: Path) -> Place:
    parent = nearest(fields, path[:-1])
    member = parent.members.get(str(path[-1]))
    return member.place if member else parent.place


def _diagnostic(sentence: Sentence, field: str, place: Place) -> Diagnostic:
    return Diagnostic(sentence.code, sentence.message, field, place, why=sentence.why, fix=sentence.fix)
