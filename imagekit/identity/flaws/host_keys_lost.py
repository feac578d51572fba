"""SSH host keys that are gone and that nobody will make again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagekit.identity.flaw import BOTH, Flaw, Sign
from imagekit.system import hostkeys

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imagekit.identity.flaw import Scene


def find(scene: Scene) -> Iterator[Sign]:
    """Yield the place of the keys if there are none, and nothing in this guest makes them at the next boot."""
    guest = scene.guest
    there = (path for path in hostkeys.key_files(guest) if not path.endswith(".pub"))
    if any(guest.is_symlink(path) or guest.lstat(path).size for path in there):
        return
    if not hostkeys.who(guest):
        yield Sign(
            "/etc/ssh",
            "the SSH host keys are gone, and nothing makes new ones at the next boot",
            ({"ssh-host-keys": None},),
        )


FLAW = Flaw(
    id="ssh-host-keys-lost",
    group="ssh",
    title="SSH host keys that will not come back",
    severity="error",
    why="sshd does not start without any, so no clone could be reached",
    fix="have them made: the kind ssh-host-keys adds what this guest lacks",
    find=find,
    uses=BOTH,
)
