"""Shell patterns over the paths of a guest: which ones they stand for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagekit.guest import paths
from imagekit.guest.errors import NoSuchFile, WrongKind

if TYPE_CHECKING:
    from imagekit.guest.protocol import Guest


def is_pattern(path: str) -> bool:
    """Tell whether a path holds a character that glob(3) with GLOB_BRACE takes for more than itself."""
    return any(char in path for char in "*?[{")


def expand(guest: Guest, pattern: str) -> tuple[str, ...]:
    """Return the sorted paths that are there and that a path or a pattern stands for, in one call.

    A final link counts whether or not it leads somewhere. ``*`` and ``?`` stand for no leading dot. What glob(3) finds
    by ``.`` or ``..``, as ``.*`` does, is left out: it is the folder itself, or one outside of it.

    Raises:
        BadGuestPath: it is not absolute.
        GuestError: a path without wildcards goes through a loop of links.
    """
    if is_pattern(pattern):
        return tuple(path for path in guest.glob_expand(pattern) if not {".", ".."} & set(path.split("/")))
    try:
        guest.lstat(pattern)
    except (NoSuchFile, WrongKind):
        return ()
    return (paths.normal(pattern),)
