"""Identities of the SSH server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagekit.identity.item import Item
from imagekit.system import hostkeys

if TYPE_CHECKING:
    from collections.abc import Collection

    from imagekit.guest.protocol import Guest

_EARLY_SERVERS = (
    "/usr/lib/initcpio/{install,hooks}/{dropbear,tinyssh,sshd}*",
    "/usr/lib/dracut/modules.d/*{dropbear,tinyssh,sshd,crypt-ssh}*",
)
"""What puts an SSH server into an initramfs, beside dropbear-initramfs, whose keys are refused."""


def detect_host_keys(guest: Guest) -> tuple[str, ...]:
    """Return every host key, public half and certificate that is not an empty file."""
    return tuple(path for path in hostkeys.key_files(guest) if _holds_something(guest, path))


def _holds_something(guest: Guest, path: str) -> bool:
    there = guest.lstat(path)
    if there.kind == "symlink":
        return guest.is_file(path, followsymlinks=True) and guest.lstat(guest.realpath(path)).size > 0
    return there.size > 0


def reset_host_keys(guest: Guest, spare: Collection[str] = ()) -> None:
    """Make sure that new keys will be made, then remove the old ones.

    Raises:
        Problem: nothing in this guest would make new ones; the old ones are still there then.
    """
    hostkeys.ensure(guest, hostkeys.key_kinds(guest))
    hostkeys.remove(guest, spare)


def copied_host_keys(guest: Guest) -> tuple[str, ...]:
    """Return where an SSH server in the initramfs has its host keys, where there may be one."""
    if not any(guest.glob_expand(pattern) for pattern in _EARLY_SERVERS):
        return ()
    return ("etc/dropbear/*host_key*", "etc/ssh/ssh_host_*_key", "etc/tinyssh/sshkeydir/.*.sk")


ITEMS = (
    Item(
        id="ssh-host-keys",
        group="ssh",
        title="SSH host keys",
        severity="error",
        paths=(
            "/etc/ssh/ssh_host_*",
            "/etc/dropbear/*_host_key",
            "/etc/dropbear-initramfs/*_host_key",
            "/etc/tinyssh/sshkeydir/*",
        ),
        detect=detect_host_keys,
        reset=reset_host_keys,
        returns=hostkeys.who,
        adds=hostkeys.adds,
        copied=copied_host_keys,
    ),
)
