from __future__ import annotations

import pytest

from imagekit.identity.catalogue import cloud
from imagekit.testing.memory import Link, MemoryGuest

ITEMS = {item.id: item for item in cloud.ITEMS}
HOLDERS = {
    "cloud-init-state": "/var/lib/cloud/data/instance-id",
    "cloud-init-seed": "/var/lib/cloud/seed/nocloud/meta-data",
    "cloud-init-net": "/etc/netplan/50-cloud-init.yaml",
    "cloud-init-installer": "/etc/cloud/cloud.cfg.d/99-installer.cfg",
}
MAC = "match: {macaddress: 52:54:00:12:34:56}\n"


@pytest.mark.parametrize("name", ["debian", "debian13", "fedora", "rocky", "opensuse", "arch", "alpine"])
@pytest.mark.parametrize("item", ITEMS)
def test_a_guest_in_which_no_instance_ran_holds_none(request, name: str, item: str) -> None:
    guest = request.getfixturevalue(name)
    guest.add("/var/lib/cloud/data/x", "")
    guest.add("/var/lib/cloud/scripts/per-boot/x", "")

    assert ITEMS[item].detect(guest) == ()


@pytest.mark.parametrize("name", ["debian", "debian13", "ubuntu", "fedora", "rocky", "opensuse", "arch", "alpine"])
@pytest.mark.parametrize("item", ITEMS)
def test_after_a_reset_nothing_is_found_and_somebody_makes_a_new_one(request, name: str, item: str) -> None:
    guest = request.getfixturevalue(name)
    guest.add(HOLDERS[item], MAC)
    found = ITEMS[item].detect(guest)

    ITEMS[item].reset(guest)

    assert found == (HOLDERS[item],)
    assert ITEMS[item].detect(guest) == ()
    assert ITEMS[item].returns(guest)


@pytest.mark.parametrize("item", ITEMS)
def test_what_a_step_wrote_is_spared(debian: MemoryGuest, item: str) -> None:
    debian.add(HOLDERS[item], MAC)

    ITEMS[item].reset(debian, (HOLDERS[item],))

    assert debian.exists(HOLDERS[item])


def test_an_instance_is_known_by_each_thing_that_it_leaves(debian: MemoryGuest) -> None:
    debian.add("/var/lib/cloud/instance", Link("/var/lib/cloud/instances/gone"))
    debian.add("/var/lib/cloud/instances/a/user-data.txt", "")
    debian.add("/var/lib/cloud/sem/x.once", "")

    assert ITEMS["cloud-init-state"].detect(debian) == (
        "/var/lib/cloud/instance",
        "/var/lib/cloud/instances/a",
        "/var/lib/cloud/sem/x.once",
    )


def test_scripts_for_every_instance_are_no_identity_and_stay(debian: MemoryGuest) -> None:
    debian.add("/var/lib/cloud/scripts/per-boot/mine", "")
    debian.add("/var/lib/cloud/data/instance-id", "a\n")

    ITEMS["cloud-init-state"].reset(debian)

    assert debian.ls("/var/lib/cloud") == ("scripts",)


def test_a_network_without_an_address_fits_every_clone(debian: MemoryGuest) -> None:
    debian.add("/etc/netplan/50-cloud-init.yaml", "match: {name: 'e*'}\naddresses: ['fe80::1:2:3:4:5:6']\n")

    assert ITEMS["cloud-init-net"].detect(debian) == ()


def test_a_switched_off_cloud_init_renders_nothing(debian: MemoryGuest) -> None:
    debian.add("/etc/cloud/cloud-init.disabled", "")

    assert ITEMS["cloud-init-net"].returns(debian) == ""
    assert "switched off" in ITEMS["cloud-init-state"].returns(debian)
