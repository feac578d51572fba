"""``schema`` and ``transforms``: what a spec may say, for editors and for people."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, RootModel

from imagekit.catalog import load_catalog
from imagekit.errors import SpecError
from imagekit.schema import KindDoc, describe_kind, spec_schema

if TYPE_CHECKING:
    from imagekit.catalog import Catalog


class UnknownKind(SpecError):
    """There is no kind of that name."""

    code = "IK-USE-003"

    def __init__(self, name: str, known: tuple[str, ...]) -> None:
        self.name = name
        near = next(iter(difflib.get_close_matches(name, known, n=1)), "")
        super().__init__(
            f"there is no kind {name!r}", fix=f"did you mean {near}?" if near else "run: imagekit transforms"
        )


class SpecSchema(RootModel[dict[str, Any]]):
    """The JSON Schema (2020-12) of a spec's YAML, as plain data in ``root``."""

    model_config = ConfigDict(frozen=True)


class BrokenKind(BaseModel):
    """A kind of another distribution that cannot be used, and why."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: str
    message: str


class KindList(BaseModel):
    """Kinds, sorted by name."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kinds: tuple[KindDoc, ...]
    broken: tuple[BrokenKind, ...] = ()


def describe_spec() -> SpecSchema:
    """Return the JSON Schema of specs, with every kind that is installed."""
    return SpecSchema(spec_schema())


def describe_kinds(kind: str | None = None, *, catalog: Catalog | None = None) -> KindList:
    """Return what is to be known of every kind, or of one.

    Args:
        kind: its name in a spec; None for all.
        catalog: the kinds that there are; those of this installation if None.

    Raises:
        UnknownKind: there is none of that name.
        PluginBroken: there is, in another distribution, and it cannot be used.
    """
    known = load_catalog() if catalog is None else catalog
    if kind is None:
        broken = tuple(BrokenKind(kind=error.kind, message=error.message) for error in known.broken)
        return KindList(kinds=tuple(describe_kind(cls) for cls in known.values()), broken=broken)
    if kind in known:
        return KindList(kinds=(describe_kind(known[kind]),))
    for error in known.broken:
        if error.kind == kind:
            raise error
    raise UnknownKind(kind, tuple(known))
