"""The generalize transform."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, Self

from pydantic import AfterValidator, ConfigDict, Field, WithJsonSchema, model_validator

from imagekit.diagnostics import Problem
from imagekit.guest.journal import held_paths
from imagekit.guest.paths import is_below
from imagekit.identity.catalogue import current_id, load_catalogue
from imagekit.identity.glimpse import glimpse
from imagekit.system.units import added
from imagekit.transform import Transform

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from imagekit.guest.protocol import Guest
    from imagekit.identity.item import Item

_STAND_IN = {"machine-id": ("machine-id", "dbus-machine-id"), "ssh-host-keys": ("ssh-host-keys",)}
"""Kinds that do alone what this one would do too, each with the items that are left to it."""
_SHOWN = 3


def _known(name: str) -> str:
    found = current_id(name)
    if found is None:
        ids = [item.id for item in load_catalogue()]
        near = difflib.get_close_matches(name, ids, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"known are: {', '.join(ids)}"
        raise ValueError(f"there is no identity {name!r}; {hint}")
    return found


ItemId = Annotated[
    str, AfterValidator(_known), WithJsonSchema({"type": "string", "enum": [item.id for item in load_catalogue()]})
]


class Generalize(Transform):
    """Make a template of the guest: reset what must differ between clones, and what must not go with them.

    What is reset stands in the catalogue of identities, with who makes a new one; an item's id is also the id of
    audit's finding. What steps of the same spec wrote is kept, and where there is a ``machine-id`` or ``ssh-host-keys``
    step, that one alone does its part. An identity that nobody would make anew is left, and told, unless it is named.
    Where only a service of imagekit makes a new one at boot, it is added; those that are there are told.
    """

    model_config = ConfigDict(serialize_by_alias=True, validate_by_name=True, validate_by_alias=True)

    example: ClassVar[str] = "generalize: {except: [tmp], include: [hostname]}"
    phase: ClassVar[Literal["closing"]] = "closing"
    order: ClassVar[int] = 20

    kind: Literal["generalize"] = "generalize"
    only: Annotated[tuple[ItemId, ...], Field(min_length=1)] | None = None
    """Ids of the only items to reset, whatever their default; the reference of identities has them all."""
    leave: tuple[ItemId, ...] = Field(default=(), alias="except")
    """Ids of items to leave."""
    include: tuple[ItemId, ...] = ()
    """Ids of items to reset beside those that are on by default."""
    units: Literal["add", "forbid"] = "add"
    """Whether services of imagekit's own may be added; where one would have to be, ``forbid`` leaves the identity."""

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if self.only is not None and (self.leave or self.include):
            raise ValueError("only names all that is reset, so it takes neither except nor include")
        both = sorted({*self.leave} & {*self.include})
        if both:
            raise ValueError(f"{both[0]} is both in except and in include")
        return self

    @property
    def resets(self) -> tuple[str, ...]:
        """The items that are asked for, or on by default."""
        return tuple(item.id for item in self._items())

    @property
    def partial(self) -> bool:
        """What another step wrote stays, and what nobody would make anew."""
        return True

    def beside(self, kinds: Collection[str]) -> Transform:
        """Return it without what kinds of their own do on the same guest."""
        theirs = {name for kind, names in _STAND_IN.items() if kind in kinds for name in names}
        ours = None if self.only is None else tuple(name for name in self.only if name not in theirs)
        return self.model_copy(update={"only": ours, "leave": tuple(sorted({*self.leave, *theirs}))})

    def apply(self, guest: Guest) -> None:
        """Reset each item that is there, and that may be reset."""
        spare = held_paths(guest)
        items = self._items()
        seen = glimpse(guest, items)
        found = {item: item.detect(seen) for item in items}
        for item, there in found.items():
            if _is_due(guest, item, _open(there, spare), there) and not self._reason_to_leave(guest, item):
                self._reset(guest, item, spare)

    def remarks(self, guest: Guest) -> Iterator[str]:
        """Tell what was kept and why, and which services make new identities."""
        spare = held_paths(guest)
        items = self._items()
        seen = glimpse(guest, items)
        for item in items:
            there = item.detect(seen)
            rest = _open(there, spare)
            kept = tuple(path for path in there if path not in rest)
            if kept:
                yield f"kept {item.title} ({item.id}) that a step of this spec wrote: {_listed(kept)}"
            if rest:
                reason = self._reason_to_leave(guest, item) or "it cannot be reset on this guest"
                yield f"left {item.title} ({item.id}) at {_listed(rest)}: {reason}"
        services = added(guest)
        if services:
            yield f"services of imagekit that make new identities at boot: {', '.join(services)}"

    def _items(self) -> tuple[Item, ...]:
        if self.only is not None:
            return tuple(item for item in load_catalogue() if item.id in self.only)
        wanted = {item.id for item in load_catalogue() if item.default} | set(self.include)
        return tuple(item for item in load_catalogue() if item.id in wanted.difference(self.leave))

    def _is_named(self, item: Item) -> bool:
        return item.id in (self.only or ()) or item.id in self.include

    def _reason_to_leave(self, guest: Guest, item: Item) -> str:
        """Return why an item is not reset; "" if it is."""
        added = item.adds(guest)
        if added and self.units == "forbid":
            return f"a new one needs the service {', '.join(added)}, and units: forbid allows none"
        if self._is_named(item) or added or item.returns(guest):
            return ""
        return f"nothing in this guest would make a new one; include: [{item.id}] resets it all the same"

    def _reset(self, guest: Guest, item: Item, spare: Collection[str]) -> None:
        try:
            item.reset(guest, spare)
        except Problem:
            # It refuses before it changes anything; for what nobody named, that it stays is told.
            if self._is_named(item):
                raise


def _is_due(guest: Guest, item: Item, rest: tuple[str, ...], there: tuple[str, ...]) -> bool:
    """Tell whether there is something to do: a rest to reset, or nothing at all and nobody to make a new one."""
    return bool(rest) or (not there and bool(item.adds(guest)))


def _open(there: tuple[str, ...], spare: Collection[str]) -> tuple[str, ...]:
    """Return the paths of an identity of which not all need be is spared."""
    return tuple(path for path in there if path not in spare and not any(is_below(each, path) for each in spare))


def _listed(paths: tuple[str, ...]) -> str:
    more = len(paths) - _SHOWN
    return ", ".join(paths[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
