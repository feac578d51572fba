"""The contract of a catalogue item: one identity, how it is found, reset, and made anew."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

    from imagekit.guest.protocol import Guest

Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that must differ between clones.

    Attributes:
        id: stable name; audit's rule id and generalize's item id.
        group: the catalogue module it belongs to.
        title: what it is, in a few words.
        severity: how bad a clone with it is.
        paths: shell patterns of the guest paths that may hold it, whatever the guest's configuration says.
        detect: the guest paths that hold an identity now; () when it is blank or absent.
        reset: make it blank, so that ``detect`` finds nothing and the guest makes a new one.
        returns: who makes a new one at the next boot of this guest, in one sentence; "" when nobody does.
    """

    id: str
    group: str
    title: str
    severity: Severity
    paths: tuple[str, ...]
    detect: Callable[[Guest], tuple[str, ...]]
    reset: Callable[[Guest], None]
    returns: Callable[[Guest], str]
