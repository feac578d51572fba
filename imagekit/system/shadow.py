"""shadow(5) of a guest, read: who can log in with which sort of password."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from imagekit.guest.paths import name as base_name
from imagekit.system import accounts
from imagekit.system.text import read_text

if TYPE_CHECKING:
    from imagekit.guest.protocol import Guest

SHADOW = "/etc/shadow"
_NAME = re.compile(r"[A-Za-z_][\w.-]*")
_NO_SHELLS = frozenset({"nologin", "false", "true", "sync", "shutdown", "halt"})
"""Programs in the place of a shell that let nobody do anything."""


@dataclass(frozen=True, slots=True)
class Password:
    """What stands in the place of a user's password, and in which file; ``field`` is a secret."""

    user: str
    field: str
    path: str
    shell: str

    @property
    def empty(self) -> bool:
        """Whether there is none, and none is asked for."""
        return not self.field

    @property
    def hashed(self) -> bool:
        """Whether it is a hash that some password fits: a lock (``!``, ``*``) is none, crypt(5)."""
        return bool(self.field) and self.field[0] not in "!*" and len(self.field) >= 13

    @property
    def lets_in(self) -> bool:
        """Whether the user has a shell; none given is /bin/sh, passwd(5)."""
        return base_name(self.shell or "/bin/sh") not in _NO_SHELLS


def passwords(guest: Guest) -> tuple[Password, ...]:
    """Return the passwords of all users of /etc/passwd: of shadow(5) where its field is ``x``, else that field."""
    shadow = dict(_pairs(read_text(guest, SHADOW)))
    fields = dict(_pairs(read_text(guest, accounts.PASSWD)))
    found = []
    for user in accounts.users(guest):
        here, there = fields.get(user.name), shadow.get(user.name)
        if here == "x" and there is not None:
            found.append(Password(user.name, there, SHADOW, user.shell))
        elif here is not None and here != "x":
            found.append(Password(user.name, here, accounts.PASSWD, user.shell))
    return tuple(found)


def lock(user: str) -> tuple[dict[str, object], ...]:
    """Return the items of a spec that lock a user's password, passwd(1); () for a name that is none, useradd(8)."""
    return ({"run": ["passwd", "-l", user]},) if _NAME.fullmatch(user) else ()


def _pairs(text: str) -> list[tuple[str, str]]:
    """Return the name and the password field of each line; a line of one field alone is none."""
    rows = (line.split(":") for line in text.splitlines() if line and line[0] not in "#+-")
    return [(row[0], row[1]) for row in rows if len(row) > 1]
