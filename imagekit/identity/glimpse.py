"""One look at everything: what all items ask of a guest by pattern is asked in one call.

A call of the real guest costs a millisecond or more, and a pattern in it next to nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from imagekit.guest.errors import GuestError
from imagekit.guest.forward import LookThrough
from imagekit.guest.patterns import brace_expand, is_pattern, path_matches
from imagekit.system.homes import below_homes, homes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from imagekit.guest.protocol import Guest
    from imagekit.identity.item import Item


def found(guest: Guest, patterns: tuple[str, ...]) -> tuple[str, ...]:
    """Return the sorted paths that the patterns of an item stand for on this guest, homes among them, in one call."""
    return guest.glob_expand(joined(guest, patterns)) if patterns else ()


def joined(guest: Guest, patterns: tuple[str, ...]) -> str:
    """Return the patterns of an item as the one that ``found`` asks for."""
    own = homes(guest) if any(pattern.startswith("~/") for pattern in patterns) else ()
    return one_of(below_homes(patterns, own))


def one_of(patterns: Iterable[str]) -> str:
    """Return one pattern that stands for all of the given ones; with a leading slash, as guestfs(3) wants it."""
    singles = [single.removeprefix("/") for pattern in patterns for single in brace_expand(pattern)]
    return f"/{singles[0]}" if len(singles) == 1 else f"/{{{','.join(singles)}}}"


def glimpse(guest: Guest, items: Iterable[Item]) -> Guest:
    """Return the guest to look at with these items' ``detect``: their ``found`` cost nothing more.

    It answers as the guest does now, so it is to be thrown away once anything changes.
    """
    # Whatever detects only looks, so what changes is not there.
    return cast("Guest", _Glimpse(guest, items))


class _Glimpse(LookThrough):
    """Looks through, and has the answers to the patterns of items."""

    def __init__(self, guest: Guest, items: Iterable[Item]) -> None:
        super().__init__(guest)
        patterns = [pattern for item in items for pattern in item.paths]
        singles = sorted({each for pattern in below_homes(patterns, homes(guest)) for each in brace_expand(pattern)})
        try:
            self._known = _by_pattern(singles, guest.glob_expand(one_of(singles))) if singles else {}
        except GuestError:
            # One name that the guest cannot tell, in one folder, shall not hide what is in all others.
            self._known = {}

    def glob_expand(self, pattern: str) -> tuple[str, ...]:
        """Return what is known already, else ask."""
        singles = brace_expand(pattern)
        if any(single not in self._known for single in singles):
            return self._guest.glob_expand(pattern)
        return tuple(sorted({path for single in singles for path in self._known[single]}))


def _by_pattern(patterns: Iterable[str], there: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """Return which of the paths each pattern stands for; only those of its depth and first folder are compared."""
    shelves: dict[tuple[int, str], list[str]] = {}
    for path in there:
        shelves.setdefault(_shelf(path), []).append(path)
    every = frozenset(there)
    found: dict[str, tuple[str, ...]] = {}
    for pattern in patterns:
        if is_pattern(pattern):
            found[pattern] = tuple(path for path in shelves.get(_shelf(pattern), ()) if path_matches(pattern, path))
        else:
            found[pattern] = (pattern,) if pattern in every else ()
    return found


def _shelf(path: str) -> tuple[int, str]:
    """Return how deep a path is, and its first folder, which no pattern of the catalogue leaves open."""
    return path.count("/"), path.split("/", 2)[1]
