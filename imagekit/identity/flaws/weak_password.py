"""Accounts whose password everybody tries first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagekit.identity.flaw import BOTH, CannotTell, Flaw, Sign
from imagekit.system import guessing
from imagekit.system.shadow import Password, lock, passwords

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imagekit.identity.flaw import Scene

NOTORIOUS = ("password", "root", "toor", "admin", "vagrant", "packer", "changeme", "123456", "test")
"""What builders of images and their tutorials set; a list for guessing would be longer, and is another trade."""
_MOST_TRIED = 20
"""Users of one guest; each takes up to half a second."""


def find(scene: Scene) -> Iterator[Sign | CannotTell]:
    """Yield each user whose password is notorious or the own name; a hash that costs too much to try is told."""
    hashed = [one for one in passwords(scene.guest) if one.hashed and one.lets_in]
    if hashed and not guessing.can_guess():
        yield CannotTell("/etc/shadow", "this host has no libxcrypt to try notorious passwords with")
        return
    for one in hashed[:_MOST_TRIED]:
        if guessing.guess(one.field, (one.user, *NOTORIOUS, "")):
            yield _sign(one)
        elif not guessing.is_cheap(one.field):
            yield CannotTell(one.path, f"the hash of the user {one.user} takes too much work to try a password")
    if len(hashed) > _MOST_TRIED:
        yield CannotTell("/etc/shadow", f"notorious passwords were tried for {_MOST_TRIED} of {len(hashed)} users")


def _sign(one: Password) -> Sign:
    return Sign(one.path, f"the password of the user {one.user} is notorious, or the user's name", lock(one.user))


FLAW = Flaw(
    id="weak-password",
    group="accounts",
    title="notorious password",
    severity="error",
    why="it is among the first that anybody tries, and every clone has it",
    fix="lock the password, or set another",
    find=find,
    uses=BOTH,
)
