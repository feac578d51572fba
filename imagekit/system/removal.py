"""Taking things away for good: files are overwritten before they go, and what is to be spared stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagekit.guest import paths

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from imagekit.guest.protocol import Guest

LARGE = 4 << 20
"""Bytes from which a file that holds no secret is only removed: the space that it leaves can be trimmed."""


def remove(guest: Guest, targets: Iterable[str], spare: Collection[str] = (), *, largest: int | None = None) -> None:
    """Overwrite every file at or below these paths, then remove them; the spared stay, with the folders they are in.

    A link is removed, and what it leads to is left alone.

    Args:
        guest: where they are.
        targets: files, links or folders; what is not there is passed over.
        spare: paths to leave.
        largest: bytes up to which a file is overwritten; any number if not given.
    """
    gone = [path for target in targets for path in _outermost(guest, target, spare)]
    files = [path for target in gone for path in _files(guest, target)]
    if largest is not None:
        files = [path for path in files if guest.lstat(path).size <= largest]
    guest.erase(*files)
    for path in gone:
        guest.rm_rf(path)


def _outermost(guest: Guest, path: str, spare: Collection[str]) -> Iterator[str]:
    """Yield the path, or what of it may go if something in it is spared."""
    if path in spare:
        return
    if any(paths.is_below(each, path) for each in spare):
        for name in guest.ls(path) if guest.is_dir(path) else ():
            yield from _outermost(guest, paths.join(path, name), spare)
    else:
        yield path


def _files(guest: Guest, path: str) -> Iterator[str]:
    if guest.is_file(path):
        yield path
    elif guest.is_dir(path):
        yield from (inner for inner in guest.find(path) if guest.is_file(inner))
