"""Identities around a build: what the base had, what the build brought, and a last look."""

from __future__ import annotations

import fnmatch
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from imagekit.engine.errors import IdentityCameBack, UnknownIdentity
from imagekit.identity.catalogue import load_catalogue
from imagekit.receipt import IdentityRecord
from imagekit.system import machineid

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from imagekit.guest.changes import Change
    from imagekit.guest.protocol import Guest
    from imagekit.identity.item import Item
    from imagekit.receipt import StepRecord

Found = dict[str, tuple[str, ...]]
"""Item id -> the guest paths that hold that identity now."""


def look(guest: Guest) -> Found:
    """Return where each identity of the catalogue is on this guest."""
    return {item.id: item.detect(guest) for item in load_catalogue()}


def appeared(before: Found, now: Found, *, held: Collection[str], keep: Iterable[str]) -> tuple[Item, ...]:
    """Return the items that the build brought: blank in the base, present now, not kept, not all written by a step."""
    kept = set(keep)
    return tuple(
        item
        for item in load_catalogue()
        if not before[item.id] and item.id not in kept and any(path not in held for path in now[item.id])
    )


def check_names(keep: Iterable[str]) -> None:
    """Refuse names that the catalogue does not have.

    Raises:
        UnknownIdentity: for the first such name.
    """
    known = tuple(item.id for item in load_catalogue())
    for name in keep:
        if name not in known:
            raise UnknownIdentity(name, known)


def check_blank(now: Found, reset: Iterable[str], spared: Collection[str] = ()) -> None:
    """Make sure that what was reset is blank in the last look, after which nothing else runs in the guest.

    Args:
        now: the last look.
        reset: ids of the items that were reset.
        spared: paths that were left on purpose, since a step wrote them.

    Raises:
        IdentityCameBack: it is not.
    """
    names = set(reset)
    for item in load_catalogue():
        paths = tuple(path for path in now.get(item.id, ()) if path not in spared)
        if item.id in names and paths:
            raise IdentityCameBack(item.id, paths)


def records(guest: Guest, now: Found) -> tuple[IdentityRecord, ...]:
    """Return what a receipt tells of each identity."""
    return tuple(
        IdentityRecord(id=item.id, state="present", recognised=item.recognise(guest))
        if now[item.id]
        else IdentityRecord(id=item.id, state="blank", returns=item.returns(guest))
        for item in load_catalogue()
    )


class Concealment:
    """Tells which paths are identities, so that nothing of their content is recorded."""

    def __init__(self, base: Found) -> None:
        self._patterns = tuple(pattern for item in load_catalogue() for pattern in item.paths)
        self._paths = {path for paths in base.values() for path in paths}

    def __call__(self, path: str) -> bool:
        """Tell whether a path holds an identity."""
        return path in self._paths or any(fnmatch.fnmatchcase(path, pattern) for pattern in self._patterns)


def machine_ids(guest: Guest) -> frozenset[str]:
    """Return the machine-ids that must not be told: those in the guest's two files."""
    found = (machineid.read(guest, path) for path in (machineid.MACHINE_ID, machineid.DBUS_ID))
    return frozenset(one for one in found if one)


@dataclass(slots=True)
class Witness:
    """Remembers what a build showed of identities on its way, so that nothing of it is told: some are gone at its end.

    Attributes:
        paths: where identities were.
        machine_ids: machine-ids that the guest had.
        blanked: paths of identities that a step left blank: what is there later is not what it wrote.
    """

    paths: set[str] = field(default_factory=set)
    machine_ids: set[str] = field(default_factory=set)
    blanked: set[str] = field(default_factory=set)

    def look(self, guest: Guest, names: Collection[str] | None = None) -> Found:
        """Return where each identity is now, or those of the given ids, and remember it."""
        found = {item.id: item.detect(guest) for item in load_catalogue() if names is None or item.id in names}
        self.paths.update(path for paths in found.values() for path in paths)
        self.machine_ids |= machine_ids(guest)
        return found

    def see_written(self, guest: Guest, written: Iterable[str]) -> None:
        """Look at those of the paths that a step wrote which the catalogue has for an identity."""
        usual = set(filter(Concealment({}), written))
        if usual:
            there = {path for paths in self.look(guest).values() for path in paths}
            self.blanked = (self.blanked | usual) - there

    def concealing(self, steps: Iterable[StepRecord]) -> tuple[StepRecord, ...]:
        """Return the records without what they tell of the content of identities."""
        return tuple(step.model_copy(update={"changes": tuple(map(self._told, step.changes))}) for step in steps)

    def _told(self, change: Change) -> Change:
        return change.concealed() if change.path in self.paths else change
