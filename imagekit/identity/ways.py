"""The ways in which an identity is found and reset: each makes an item of the catalogue of one declarative row."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol, TypedDict, Unpack

from imagekit.guest import paths
from imagekit.identity.glimpse import found
from imagekit.identity.item import Item
from imagekit.identity.makers import NOBODY, Maker
from imagekit.system.removal import remove
from imagekit.system.text import read_text, write_text

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from imagekit.guest.protocol import Guest
    from imagekit.identity.item import Scope, Severity


class Way(Protocol):
    """How an identity that is at certain paths is found and reset."""

    @property
    def patterns(self) -> tuple[str, ...]:
        """Shell patterns of those paths, as in ``Item.paths``."""
        ...

    def detect(self, guest: Guest) -> tuple[str, ...]:
        """Return the guest paths that hold it now, sorted."""
        ...

    def reset(self, guest: Guest, spare: Collection[str]) -> None:
        """Take it away, but for the paths to spare."""
        ...


@dataclass(frozen=True, slots=True)
class Removed:
    """Files, links and folders that are an identity by being there.

    Attributes:
        patterns: of their paths, as in ``Item.paths``.
        only: tells which of them are one; all unless given.
        largest: bytes up to which a file is overwritten before it goes; None for any.
    """

    patterns: tuple[str, ...]
    only: Callable[[Guest, str], bool] | None = None
    largest: int | None = None

    def detect(self, guest: Guest) -> tuple[str, ...]:
        """Return those that are there."""
        there = (path for path in found(guest, self.patterns) if not {".", ".."} & set(paths.parts(path)))
        return tuple(path for path in there if self.only is None or self.only(guest, path))

    def reset(self, guest: Guest, spare: Collection[str]) -> None:
        """Overwrite and remove them; the folders that they are in stay."""
        remove(guest, self.detect(guest), spare, largest=self.largest)


@dataclass(frozen=True, slots=True)
class Emptied:
    """Files whose content is an identity, and that stay, empty: who writes them minds their mode, owner and label."""

    patterns: tuple[str, ...]
    only: Callable[[Guest, str], bool] | None = None

    def detect(self, guest: Guest) -> tuple[str, ...]:
        """Return those that hold something."""
        there = (path for path in found(guest, self.patterns) if self.only is None or self.only(guest, path))
        return tuple(path for path in there if guest.is_file(path) and guest.lstat(path).size)

    def reset(self, guest: Guest, spare: Collection[str]) -> None:
        """Overwrite and empty them."""
        guest.truncate(*(path for path in self.detect(guest) if path not in spare))


@dataclass(frozen=True, slots=True)
class Edited:
    """Parts of text files that are an identity.

    Attributes:
        patterns: of the files' paths.
        edit: the text without it; a text that it leaves as it is holds none.
    """

    patterns: tuple[str, ...]
    edit: Callable[[str], str]

    def detect(self, guest: Guest) -> tuple[str, ...]:
        """Return the files that would be edited."""
        return tuple(path for path in found(guest, self.patterns) if self._differs(guest, path))

    def _differs(self, guest: Guest, path: str) -> bool:
        text = read_text(guest, path)
        return self.edit(text) != text

    def reset(self, guest: Guest, spare: Collection[str]) -> None:
        """Edit them; a link is followed."""
        texts = {
            path: self.edit(read_text(guest, path))
            for path in self.detect(guest)
            if path not in spare and guest.realpath(path) not in spare
        }
        # The new text may go to other blocks than the old one, or be shorter.
        guest.truncate(*texts)
        for path, text in texts.items():
            write_text(guest, path, text)


class Row(TypedDict, total=False):
    """What a row of the catalogue may say of an item beside what it must."""

    severity: Severity
    scope: Scope
    default: bool
    why: str
    aliases: tuple[str, ...]
    brands: bool
    confidential: bool
    copied: Callable[[Guest], tuple[str, ...]]
    is_copy: Callable[[bytes], bool]


def row(name: str, title: str, *ways: Way, maker: Maker = NOBODY, **more: Unpack[Row]) -> Item:
    """Return the item of a row, an error unless it says otherwise; its group is filled in by ``grouped``.

    Args:
        name: its id.
        title: what it is, in a few words.
        ways: how it is found and reset, one or several.
        maker: who makes a new one.
        more: other fields of ``Item``.
    """

    def detect(guest: Guest) -> tuple[str, ...]:
        return tuple(sorted({path for way in ways for path in way.detect(guest)}))

    def reset(guest: Guest, spare: Collection[str] = ()) -> None:
        if detect(guest):
            maker.ensure(guest)
        for way in ways:
            way.reset(guest, spare)

    fields: Row = {"severity": "error", **more}
    return Item(
        id=name,
        group="",
        title=title,
        paths=tuple(pattern for way in ways for pattern in way.patterns),
        detect=detect,
        reset=reset,
        returns=maker.returns,
        adds=maker.adds,
        **fields,
    )


def grouped(group: str, *items: Item) -> tuple[Item, ...]:
    """Return the items as those of a group, which has the name of its module."""
    return tuple(replace(item, group=group) for item in items)
