"""Accounts without a password, into which everybody is let."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagekit.identity.flaw import BOTH, Flaw, Sign
from imagekit.system.shadow import lock, passwords

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imagekit.identity.flaw import Scene


def find(scene: Scene) -> Iterator[Sign]:
    """Yield each user that has a shell and an empty password; a locked one, or none at all, is another thing."""
    for one in passwords(scene.guest):
        if one.empty and one.lets_in:
            yield Sign(one.path, f"the user {one.user} has an empty password", lock(one.user))


FLAW = Flaw(
    id="empty-password",
    group="accounts",
    title="account without a password",
    severity="error",
    why="whoever types the name is let in, at the console and wherever PAM accepts empty passwords",
    fix="lock the password, or set one",
    find=find,
    uses=BOTH,
)
