"""Password hashes of kinds that no longer keep anybody out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagekit.identity.flaw import BOTH, Flaw, Sign
from imagekit.system.guessing import is_old_kind
from imagekit.system.shadow import lock, passwords

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imagekit.identity.flaw import Scene


def find(scene: Scene) -> Iterator[Sign]:
    """Yield each user with a shell whose hash is of DES or MD5."""
    for one in passwords(scene.guest):
        if one.hashed and one.lets_in and is_old_kind(one.field):
            yield Sign(one.path, f"the password of the user {one.user} is hashed with DES or MD5", lock(one.user))


FLAW = Flaw(
    id="old-password-hash",
    group="accounts",
    title="password hash of an old kind",
    severity="warning",
    why="whoever reads the hash in any clone finds the password by trying, which crypt(5) warns of for these two",
    fix="lock the password, or set it anew",
    find=find,
    uses=BOTH,
)
