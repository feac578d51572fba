"""The contract of a catalogue item: one identity, how it is found, reset, and made anew."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from imagekit.guest.protocol import Guest

Severity = Literal["error", "warning", "note"]
Scope = Literal["guest", "disk", "image"]


class Reset(Protocol):
    """Makes an identity blank."""

    def __call__(self, guest: Guest, spare: Collection[str] = ()) -> None:
        """Make it blank, but for the paths to spare: those that a step of the spec wrote."""
        ...


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that must differ between clones, or must not go with them.

    Attributes:
        id: stable name; audit's rule id and generalize's item id.
        group: the catalogue module it belongs to.
        title: what it is, in a few words.
        severity: how bad a clone with it is.
        paths: shell patterns of the guest paths that may hold it, whatever the guest's configuration says; what begins
            with ``~/`` is below each home of a person.
        detect: the guest paths that hold an identity now; () when it is blank or absent.
        reset: make it blank, so that ``detect`` finds nothing but what was spared, and the guest makes a new one.
        returns: who makes a new one at the next boot of this guest, in one sentence; "" when nobody does.
        scope: where it is: in the guest's files, on its disk, or in the image file around that.
        default: whether ``generalize`` resets it without being told.
        why: why that is so, or what who resets it should know; "" if it goes without saying.
        aliases: ids that it had before.
        brands: whether a build that brings it resets it at its end, asked or not; residue does not brand a clone.
        confidential: whether nothing may be told of the content of its paths.
        adds: names of the services of our own that a reset adds to this guest, so that a new one is made.
        recognise: what tells it from others without telling it, 32 hex digits; "" for an item that has no such thing.
        copied: shell patterns of the files of an initramfs that this guest's own generator copies it to.
        is_copy: whether the content of such a file is an identity, and no blank one.
    """

    id: str
    group: str
    title: str
    severity: Severity
    paths: tuple[str, ...]
    detect: Callable[[Guest], tuple[str, ...]]
    reset: Reset
    returns: Callable[[Guest], str]
    scope: Scope = "guest"
    default: bool = True
    why: str = ""
    aliases: tuple[str, ...] = ()
    brands: bool = True
    confidential: bool = True
    adds: Callable[[Guest], tuple[str, ...]] = lambda _: ()
    recognise: Callable[[Guest], str] = lambda _: ""
    copied: Callable[[Guest], tuple[str, ...]] = lambda _: ()
    is_copy: Callable[[bytes], bool] = lambda content: bool(content.strip())
