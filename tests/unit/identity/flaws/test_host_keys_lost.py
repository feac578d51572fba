from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from imagekit.testing.memory import MemoryGuest


def wipe(guest: MemoryGuest) -> None:
    for path in guest.glob_expand("/etc/ssh/ssh_host_*"):
        guest.rm_f(path)


def test_no_clean_guest_has_lost_them(look: Callable[..., Any], clean: MemoryGuest) -> None:
    assert look("ssh-host-keys-lost", clean) == []


def test_debian_without_cloud_init_makes_none_at_boot(look: Callable[..., Any], debian: MemoryGuest) -> None:
    debian.rm_f("/usr/bin/cloud-init")
    wipe(debian)

    (sign,) = look("ssh-host-keys-lost", debian)

    assert sign.mend == ({"ssh-host-keys": None},)


def test_empty_files_are_no_keys(look: Callable[..., Any], debian: MemoryGuest) -> None:
    debian.rm_f("/usr/bin/cloud-init")
    wipe(debian)
    debian.add("/etc/ssh/ssh_host_rsa_key", "")

    assert len(look("ssh-host-keys-lost", debian)) == 1


def test_alpine_makes_them_at_each_start_of_sshd(look: Callable[..., Any], alpine: MemoryGuest) -> None:
    wipe(alpine)

    assert look("ssh-host-keys-lost", alpine) == []


def test_a_guest_without_a_server_misses_none(look: Callable[..., Any], debian: MemoryGuest) -> None:
    debian.rm_f("/usr/bin/cloud-init")
    wipe(debian)
    debian.rm_f("/usr/sbin/sshd")
    debian.rm_rf("/etc/ssh")
    for path in debian.glob_expand("/lib/systemd/system/ssh*"):
        debian.rm_rf(path)

    assert look("ssh-host-keys-lost", debian) == []
