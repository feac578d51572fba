"""Identities in snapshots of the guest's own file system: they outlive every reset."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from imagekit.identity.flaw import Flaw, Sign
from imagekit.system import machineid
from imagekit.system.text import read_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imagekit.identity.flaw import Scene

_SNAPSHOTS = "/.snapshots/*/snapshot"
_TIMESHIFT = "/{timeshift,run/timeshift}/{snapshots,snapshots-ondemand}/*/localhost"
_KEYS = "etc/ssh/ssh_host_*_key"
_NUMBER = re.compile(r"/\.snapshots/(\d+)/snapshot$")


def find(scene: Scene) -> Iterator[Sign]:
    """Yield each snapshot with SSH host keys or a machine-id, but for the one that is the root itself.

    On openSUSE the root is a snapshot: if not its name, then its content tells which.
    """
    guest, own = scene.guest, _NUMBER.search(scene.root)
    for pattern in (_SNAPSHOTS, _TIMESHIFT):
        for folder in guest.glob_expand(pattern):
            number = _NUMBER.search(folder)
            if own and number and own[1] == number[1]:
                continue
            held = list(_held(scene, folder))
            if held and (own or not number or not _is_root(scene, folder)):
                yield Sign(folder, f"a snapshot of the guest holds {' and '.join(held)}")


def _held(scene: Scene, folder: str) -> Iterator[str]:
    if any(scene.guest.is_file(path) and scene.guest.lstat(path).size for path in _keys(scene, folder)):
        yield "SSH host keys"
    if machineid.parse(read_text(scene.guest, f"{folder}/etc/machine-id")):
        yield "a machine-id"


def _keys(scene: Scene, folder: str) -> tuple[str, ...]:
    return scene.guest.glob_expand(f"{folder}/{_KEYS}")


def _is_root(scene: Scene, folder: str) -> bool:
    """Tell whether a snapshot cannot be told from the root by what it holds."""
    both = ("/etc/machine-id", *(path.removeprefix(folder) for path in _keys(scene, folder)))
    return all(_same(scene, path, f"{folder}{path}") for path in both)


def _same(scene: Scene, one: str, other: str) -> bool:
    guest = scene.guest
    if not (guest.is_file(one) and guest.is_file(other)):
        return guest.exists(one) == guest.exists(other)
    return guest.sha256(one) == guest.sha256(other)


FLAW = Flaw(
    id="old-keys",
    group="storage",
    title="identities in snapshots of the guest",
    severity="error",
    why="what was reset in the guest is still there, in every clone",
    fix="delete the snapshots in the running template: snapper delete, timeshift --delete",
    find=find,
)
