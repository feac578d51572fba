"""Old copies of the files of accounts: which of them tell something that the guest no longer says of itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagekit.guest import paths
from imagekit.system.homes import is_person
from imagekit.system.text import read_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imagekit.guest.protocol import Guest

_PASSWORDS = frozenset({"passwd", "shadow", "group", "gshadow", "opasswd"})
"""The files whose second field is for a password."""
_NUMBERED = frozenset({"passwd", "group"})
"""The files whose third field is a number."""


def holds_accounts(guest: Guest, path: str) -> bool:
    """Tell whether an old copy holds a password hash, or the name of a person who is gone.

    Packages that add a user leave such copies in every image; those hold neither.
    """
    kind = paths.name(path).partition(".")[0].removesuffix("-")
    if kind in _PASSWORDS and any(_is_password(row[1]) for row in _rows(guest, path)):
        return True
    now = {row[0] for row in _rows(guest, f"/etc/{kind}")}
    return any(row[0] not in now and _is_of_person(guest, kind, row) for row in _rows(guest, path))


def _is_password(field: str) -> bool:
    """Tell whether a field is more than a lock, a mark of shadow(5), or nothing."""
    return field not in {"", "x"} and not field.startswith(("!", "*"))


def _is_of_person(guest: Guest, kind: str, row: list[str]) -> bool:
    if kind in _NUMBERED:
        return len(row) > 2 and row[2].isdecimal() and is_person(guest, int(row[2]))
    return kind.startswith("sub")  # of subuid(5), only people have numbers


def _rows(guest: Guest, path: str) -> Iterator[list[str]]:
    rows = (line.split(":") for line in read_text(guest, path).splitlines() if line and line[0] not in "#+-")
    return (row for row in rows if len(row) > 1)
