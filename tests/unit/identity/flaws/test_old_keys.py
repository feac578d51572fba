from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from imagekit.testing.memory import MemoryGuest


ID = "c0ffee00000040008000000000000001"


def test_no_clean_guest_has_any(look: Callable[..., Any], clean: MemoryGuest) -> None:
    assert look("old-keys", clean) == []


def test_a_snapshot_keeps_what_was_reset(look: Callable[..., Any], opensuse: MemoryGuest) -> None:
    opensuse.add("/.snapshots/2/snapshot/etc/ssh/ssh_host_rsa_key", "an old key")
    opensuse.add("/.snapshots/2/snapshot/etc/machine-id", f"{ID}\n")

    (sign,) = look("old-keys", opensuse)

    assert sign.path == "/.snapshots/2/snapshot"
    assert sign.message.endswith("SSH host keys and a machine-id")
    assert ID not in str(sign)


def test_a_snapshot_without_identities_is_clean(look: Callable[..., Any], opensuse: MemoryGuest) -> None:
    opensuse.add("/.snapshots/2/snapshot/etc/machine-id", "")
    opensuse.add("/.snapshots/2/snapshot/etc/ssh/ssh_host_rsa_key", "")

    assert look("old-keys", opensuse) == []


def test_the_snapshot_that_is_the_root_is_known_by_its_name(look: Callable[..., Any], opensuse: MemoryGuest) -> None:
    opensuse.add("/.snapshots/1/snapshot/etc/machine-id", f"{ID}\n")
    opensuse.add("/.snapshots/2/snapshot/etc/machine-id", f"{ID}\n")

    found = look("old-keys", opensuse, root="btrfsvol:/dev/sda2/@/.snapshots/1/snapshot")

    assert [sign.path for sign in found] == ["/.snapshots/2/snapshot"]


def test_or_by_what_it_holds(look: Callable[..., Any], opensuse: MemoryGuest) -> None:
    for path in ("/etc/machine-id", *opensuse.glob_expand("/etc/ssh/ssh_host_*_key")):
        opensuse.add(f"/.snapshots/1/snapshot{path}", opensuse.read_file(path).decode())

    assert look("old-keys", opensuse, root="/dev/sda2") == []


@pytest.mark.parametrize(
    "folder", ["/timeshift/snapshots/2026-01-01/localhost", "/timeshift/snapshots-ondemand/x/localhost"]
)
def test_timeshift_keeps_them_too(look: Callable[..., Any], debian: MemoryGuest, folder: str) -> None:
    debian.add(f"{folder}/etc/machine-id", f"{ID}\n")

    assert [sign.path for sign in look("old-keys", debian)] == [folder]
