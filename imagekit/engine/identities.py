"""Identities around a build: what the base had, what the build brought, and a last look."""

from __future__ import annotations

import fnmatch
import re
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from imagekit.engine.errors import IdentityCameBack, UnknownIdentity
from imagekit.guest.paths import is_below
from imagekit.guest.patterns import brace_expand
from imagekit.identity.catalogue import current_id, load_catalogue
from imagekit.identity.glimpse import glimpse
from imagekit.receipt import IdentityRecord
from imagekit.system import machineid

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from imagekit.guest.changes import Change
    from imagekit.guest.journal import JournaledGuest
    from imagekit.guest.protocol import Guest
    from imagekit.identity.item import Item
    from imagekit.receipt import StepRecord

Found = dict[str, tuple[str, ...]]
"""Item id -> the guest paths that hold that identity now."""


@cache
def watched() -> tuple[Item, ...]:
    """Return the items that every build looks at: those that brand a template, and that may be reset unasked."""
    return tuple(item for item in load_catalogue() if item.default and item.brands)


def look(guest: Guest, also: Collection[str] = ()) -> Found:
    """Return where each identity that every build looks at is on this guest, and those of the other ids."""
    ids = {item.id for item in watched()} | set(also)
    return _found(guest, [item for item in load_catalogue() if item.id in ids])


def _found(guest: Guest, items: Collection[Item]) -> Found:
    seen = glimpse(guest, items)
    return {item.id: item.detect(seen) for item in items}


def appeared(before: Found, now: Found, *, held: Collection[str], keep: Iterable[str]) -> tuple[Item, ...]:
    """Return the items that the build brought: blank in the base, present now, not kept, not all written by a step."""
    kept = {current_id(name) for name in keep}
    return tuple(
        item
        for item in watched()
        if not before[item.id] and item.id not in kept and any(not _is_spared(path, held) for path in now[item.id])
    )


def _is_spared(path: str, spared: Collection[str]) -> bool:
    """Tell whether a path, or all that need be of it, was left on purpose."""
    return path in spared or any(is_below(each, path) for each in spared)


def check_names(keep: Iterable[str]) -> None:
    """Refuse names that the catalogue does not have.

    Raises:
        UnknownIdentity: for the first such name.
    """
    for name in keep:
        if current_id(name) is None:
            raise UnknownIdentity(name, tuple(item.id for item in load_catalogue()))


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
        paths = tuple(path for path in now.get(item.id, ()) if not _is_spared(path, spared))
        if item.id in names and paths:
            raise IdentityCameBack(item.id, paths)


def records(guest: Guest, now: Found, involved: Collection[str]) -> tuple[IdentityRecord, ...]:
    """Return what a receipt tells of each identity that was looked at; ``involved`` are ids that it had on the way."""
    return tuple(
        IdentityRecord(id=item.id, state="present", recognised=item.recognise(guest))
        if now[item.id]
        else IdentityRecord(id=item.id, state="blank", involved=item.id in involved, returns=item.returns(guest))
        for item in load_catalogue()
        if item.id in now
    )


def _confidential(found: Found) -> set[str]:
    """Return the paths of which nothing may be told."""
    return {path for item in load_catalogue() if item.confidential for path in found.get(item.id, ())}


class Concealment:
    """Tells which paths are identities, so that nothing of their content is recorded."""

    def __init__(self, base: Found) -> None:
        self._paths = _confidential(base)

    def __call__(self, path: str) -> bool:
        """Tell whether a path holds an identity."""
        return path in self._paths or bool(_confidential_paths().match(path))


@cache
def _confidential_paths() -> re.Pattern[str]:
    return _matcher(tuple(pattern for item in load_catalogue() if item.confidential for pattern in item.paths))


@cache
def _matcher(patterns: tuple[str, ...]) -> re.Pattern[str]:
    """Return what matches the paths that patterns of items stand for; what is below them too, as ``*`` crosses slashes."""
    anywhere = (f"/*{pattern[1:]}" if pattern.startswith("~") else pattern for pattern in patterns)
    return re.compile(
        "|".join(fnmatch.translate(single) for each in anywhere for single in brace_expand(each)) or "(?!)"
    )


def machine_ids(guest: Guest) -> frozenset[str]:
    """Return the machine-ids that must not be told: those in the guest's two files."""
    found = (machineid.read(guest, path) for path in (machineid.MACHINE_ID, machineid.DBUS_ID))
    return frozenset(one for one in found if one)


@dataclass(slots=True)
class Witness:
    """Remembers what a build showed of identities on its way, so that nothing of it is told: some are gone at its end.

    Attributes:
        paths: where identities were of which nothing may be told.
        machine_ids: machine-ids that the guest had.
        seen: ids of the identities that the guest had.
        blank: ids of those that a step made blank, and that are to be so at the end.
        partly: ids of those that a step made blank but for what other steps wrote.
    """

    paths: set[str] = field(default_factory=set)
    machine_ids: set[str] = field(default_factory=set)
    seen: set[str] = field(default_factory=set)
    blank: set[str] = field(default_factory=set)
    partly: set[str] = field(default_factory=set)

    def look(self, guest: Guest, names: Collection[str]) -> Found:
        """Return where the identities of these ids are now, and remember it."""
        return self._remember(guest, _found(guest, [item for item in load_catalogue() if item.id in names]))

    def look_last(self, guest: Guest) -> Found:
        """Return where all are that every build looks at, and those that a step made blank, and remember it."""
        return self._remember(guest, look(guest, self.blank | self.partly))

    def _remember(self, guest: Guest, found: Found) -> Found:
        self.paths |= _confidential(found)
        self.seen |= {name for name, paths in found.items() if paths}
        self.machine_ids |= machine_ids(guest)
        return found

    def see_written(self, guest: JournaledGuest, written: Iterable[str]) -> None:
        """Look at those of the paths that a step wrote which the catalogue has for an identity.

        One that it left blank is not held by it: what is there later is not what it wrote.
        """
        paths = tuple(written)
        items = [item for item in watched() if any(map(_matcher(item.paths).match, paths))]
        if items:
            usual = {path for path in paths for item in items if _matcher(item.paths).match(path)}
            found = self._remember(guest, _found(guest, items))
            guest.release(*usual.difference(*found.values()))

    def see_reset(self, guest: Guest, names: Collection[str], *, partial: bool, spared: Collection[str]) -> None:
        """Remember what a step made blank: all that it said, or of a partial one what is blank but for what is spared."""
        if partial:
            found = self._remember(guest, _found(guest, [item for item in load_catalogue() if item.id in names]))
            self.partly |= {name for name, paths in found.items() if all(_is_spared(path, spared) for path in paths)}
        else:
            self.blank |= set(names)

    def concealing(self, steps: Iterable[StepRecord]) -> tuple[StepRecord, ...]:
        """Return the records without what they tell of the content of identities."""
        return tuple(step.model_copy(update={"changes": tuple(map(self._told, step.changes))}) for step in steps)

    def _told(self, change: Change) -> Change:
        return change.concealed() if change.path in self.paths else change
