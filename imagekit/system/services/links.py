"""Symbolic links that enable a service: planned as data, made through a guest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from imagekit.guest import paths

if TYPE_CHECKING:
    from imagekit.guest.protocol import Guest


@dataclass(frozen=True, slots=True)
class Link:
    """A symbolic link that shall be there: its path, and its target as it is written."""

    path: str
    target: str


@dataclass(frozen=True, slots=True)
class Edits:
    """What is to be done: paths that go first, then links that are made."""

    remove: tuple[str, ...] = ()
    make: tuple[Link, ...] = ()


def apply(guest: Guest, edits: Edits) -> None:
    """Do it; a link that leads to the same file already, whatever way it is written, stays as it is."""
    for path in edits.remove:
        guest.rm_f(path)
    for link in edits.make:
        if not _leads_there(guest, link):
            guest.mkdir_p(paths.parent(link.path))
            guest.ln_sf(link.target, link.path)


def _leads_there(guest: Guest, link: Link) -> bool:
    if not guest.is_symlink(link.path):
        return False
    if guest.readlink(link.path) == link.target:
        return True
    target = link.target if link.target.startswith("/") else paths.join(paths.parent(link.path), link.target)
    return guest.exists(link.path) and guest.exists(target) and guest.realpath(link.path) == guest.realpath(target)
