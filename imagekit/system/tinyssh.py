"""TinySSH in a guest: where its host keys are. tinysshd(8), tinysshd-makekey(8)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from imagekit.guest.protocol import Guest

KEY_FOLDER = "/etc/tinyssh/sshkeydir"
_PROGRAM = "/usr/{sbin,bin}/tinysshd"


def is_installed(guest: Guest) -> bool:
    """Tell whether the guest has it."""
    return bool(guest.glob_expand(_PROGRAM))


def key_files(guest: Guest) -> tuple[str, ...]:
    """Return its host keys; the private ones are hidden files."""
    return tuple(path for path in guest.glob_expand(f"{KEY_FOLDER}/{{.*.sk,*.pk}}") if guest.is_file(path))


def make_room(guest: Guest) -> None:
    """Remove the folder of the keys once it is empty: tinysshd-makekey fails if it is there, and its unit runs that."""
    if guest.is_dir(KEY_FOLDER) and not guest.ls(KEY_FOLDER):
        guest.rm_rf(KEY_FOLDER)
