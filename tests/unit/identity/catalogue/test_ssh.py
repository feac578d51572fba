from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from imagekit.identity.catalogue import ssh

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
