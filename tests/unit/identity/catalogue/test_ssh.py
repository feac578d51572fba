from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from imagekit.identity.catalogue import ssh
from imagekit.testing.memory import Link

if TYPE_CHECKING:
    from imagekit.testing.memory import MemoryGuest

(KEYS,) = ssh.ITEMS


def test_keys_with_something_in_them_are_an_identity(debian: MemoryGuest) -> None:
    debian.add("/etc/ssh/ssh_host_dsa_key", "")

    found = KEYS.detect(debian)

    assert len(found) == 6
    assert "/etc/ssh/ssh_host_dsa_key" not in found


@pytest.mark.parametrize("name", ["debian", "debian13", "ubuntu", "fedora", "rocky", "opensuse", "arch", "alpine"])
def test_after_a_reset_nothing_is_found_and_somebody_makes_new_ones(request, name: str) -> None:
    guest = request.getfixturevalue(name)

    KEYS.reset(guest)

    assert KEYS.detect(guest) == ()
    assert KEYS.returns(guest)


def test_before_a_reset_of_a_debian_nobody_would_make_new_ones(debian: MemoryGuest) -> None:
    assert KEYS.returns(debian) == ""


def test_what_a_step_wrote_is_spared_and_what_came_beside_it_goes(debian: MemoryGuest) -> None:
    KEYS.reset(debian, {"/etc/ssh/ssh_host_rsa_key"})

    assert KEYS.detect(debian) == ("/etc/ssh/ssh_host_rsa_key",)


def test_a_link_is_an_identity_if_it_leads_to_one(debian: MemoryGuest) -> None:
    KEYS.reset(debian)
    debian.add("/etc/ssh/ssh_host_rsa_key", Link("/persist/key"))
    nowhere = KEYS.detect(debian)
    debian.add("/persist/key", "k")

    assert nowhere == ()
    assert KEYS.detect(debian) == ("/etc/ssh/ssh_host_rsa_key",)


def test_copies_in_an_initramfs_are_looked_for_where_a_server_may_be_in_it(debian: MemoryGuest) -> None:
    without = KEYS.copied(debian)
    debian.add("/usr/lib/dracut/modules.d/60crypt-ssh/module-setup.sh", "")

    assert without == ()
    assert "etc/ssh/ssh_host_*_key" in KEYS.copied(debian)
