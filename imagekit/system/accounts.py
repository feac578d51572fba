"""Users and groups, as the guest's own files name them."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from imagekit.diagnostics import Problem
from imagekit.system.text import read_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from imagekit.guest.protocol import Guest

PASSWD = "/etc/passwd"  # noqa: S105  a path
GROUP = "/etc/group"


@dataclass(frozen=True, slots=True)
class User:
    """One line of passwd(5)."""

    name: str
    uid: int
    gid: int
    home: str
    shell: str


@dataclass(frozen=True, slots=True)
class Group:
    """One line of group(5)."""

    name: str
    gid: int
    members: tuple[str, ...]


def parse_passwd(text: str) -> tuple[User, ...]:
    """Return the users of a passwd(5) text; lines that are none, such as NIS's ``+``, are passed over."""
    rows = (line.split(":") for line in text.splitlines())
    return tuple(
        User(row[0], int(row[2]), int(row[3]), row[5], row[6])
        for row in rows
        if len(row) == 7 and row[2].isdecimal() and row[3].isdecimal()
    )


def parse_group(text: str) -> tuple[Group, ...]:
    """Return the groups of a group(5) text; lines that are none are passed over."""
    rows = (line.split(":") for line in text.splitlines())
    return tuple(
        Group(row[0], int(row[2]), tuple(name for name in row[3].split(",") if name))
        for row in rows
        if len(row) == 4 and row[2].isdecimal()
    )


def users(guest: Guest) -> tuple[User, ...]:
    """Return the users of /etc/passwd."""
    return parse_passwd(read_text(guest, PASSWD))


def groups(guest: Guest) -> tuple[Group, ...]:
    """Return the groups of /etc/group."""
    return parse_group(read_text(guest, GROUP))


def uid_of(guest: Guest, owner: str | int, field: str) -> int:
    """Return the number of a user given by name or number.

    Raises:
        Problem: no such user, at ``field``, with the nearest name.
    """
    return _number(owner, {user.name: user.uid for user in users(guest)} if _is_name(owner) else {}, "user", field)


def gid_of(guest: Guest, group: str | int, field: str) -> int:
    """Return the number of a group given by name or number.

    Raises:
        Problem: no such group, at ``field``, with the nearest name.
    """
    return _number(group, {one.name: one.gid for one in groups(guest)} if _is_name(group) else {}, "group", field)


def _is_name(who: str | int) -> bool:
    # Root is 0 on every system, also on one that has no /etc/passwd yet.
    return isinstance(who, str) and not who.isdecimal() and who != "root"


def _number(who: str | int, known: dict[str, int], what: str, field: str) -> int:
    if not _is_name(who):
        return 0 if who == "root" else int(who)
    if who in known:
        return known[str(who)]
    raise unknown_name(field, what, str(who), known)


def unknown_name(field: str, what: str, name: str, known: Iterable[str]) -> Problem:
    """Return the Problem for a user or a group that the guest does not have."""
    near = difflib.get_close_matches(name, tuple(known), n=1)
    return Problem(
        field,
        f"this image has no {what} {name!r}",
        why=f"it is looked up in {PASSWD if what == 'user' else GROUP} of the image when the step runs",
        fix=f"did you mean {near[0]!r}?" if near else f"make the {what} in an earlier step, or give a number",
        code="IK-USR-001" if what == "user" else "IK-USR-002",
    )
