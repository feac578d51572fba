"""The homes of people in a guest, wherever they are, and shell patterns of what is in them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from imagekit.guest.paths import normal
from imagekit.guest.patterns import is_pattern
from imagekit.system.accounts import users
from imagekit.system.text import read_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from imagekit.guest.protocol import Guest

_HOMES = "/home"
_DEFAULTS = {"UID_MIN": 1000, "UID_MAX": 60000}
"""Of login.defs(5), for guests that have none."""
_ANYWAY = ("/etc/skel", f"{_HOMES}/*", "/root")
"""What new homes are made from, homes whose user is gone, and root's where /etc/passwd is not there yet."""


def homes(guest: Guest) -> tuple[str, ...]:
    """Return shell patterns of every home: of root, of people by UID_MIN and UID_MAX, orphans in /home, and the skeleton."""
    least, most = _bounds(read_text(guest, "/etc/login.defs"))
    own = (user.home for user in users(guest) if user.uid == 0 or least <= user.uid <= most)
    usable = {
        normal(home) for home in own if home.startswith("/") and not is_pattern(home) and not set(home) & set(",}\\")
    }
    # A home of / would make every folder at the top of the guest somebody's own.
    return tuple(sorted({*usable, *_ANYWAY} - {"/"}))


def is_person(guest: Guest, number: int) -> bool:
    """Tell whether a user or a group of this number is that of a person, by UID_MIN and UID_MAX of login.defs(5)."""
    least, most = _bounds(read_text(guest, "/etc/login.defs"))
    return least <= number <= most


def below_homes(patterns: Iterable[str], homes: tuple[str, ...]) -> tuple[str, ...]:
    """Return the patterns with ``~/`` replaced by each home."""
    return tuple(f"{{{','.join(homes)}}}{pattern[1:]}" if pattern.startswith("~/") else pattern for pattern in patterns)


def _bounds(login_defs: str) -> tuple[int, int]:
    found = dict(re.findall(r"^\s*(UID_MIN|UID_MAX)\s+(\d+)\s*$", login_defs, re.MULTILINE))
    told = {name: int(found.get(name, default)) for name, default in _DEFAULTS.items()}
    return told["UID_MIN"], told["UID_MAX"]
