"""Identities of the SSH server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagekit.identity.item import Item
from imagekit.system import hostkeys, sshd

if TYPE_CHECKING:
    from imagekit.guest.protocol import Guest


def detect_host_keys(guest: Guest) -> tuple[str, ...]:
    """Return every host key, public half and certificate that is not an empty file."""
    return tuple(path for path in sshd.key_files(guest) if guest.is_symlink(path) or guest.lstat(path).size)


def reset_host_keys(guest: Guest) -> None:
    """Make sure that new keys will be made, then remove the old ones.

    Raises:
        Problem: nothing in this guest would make new ones; the old ones are still there then.
    """
    hostkeys.ensure(guest, hostkeys.key_kinds(guest))
    sshd.remove_keys(guest)


ITEMS = (
    Item(
        id="ssh-host-keys",
        group="ssh",
        title="SSH host keys",
        severity="error",
        paths=("/etc/ssh/ssh_host_*", "/etc/dropbear/*_host_key", "/etc/dropbear-initramfs/*_host_key"),
        detect=detect_host_keys,
        reset=reset_host_keys,
        returns=hostkeys.who,
    ),
)
