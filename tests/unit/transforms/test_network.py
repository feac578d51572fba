from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from pydantic import ValidationError

from imagekit.guest.facts import Facts
from imagekit.transforms.network import Network

if TYPE_CHECKING:
    from imagekit.testing.memory import MemoryGuest

NETPLAN = "/etc/netplan/90-imagekit.yaml"
ALL = ["debian", "debian13", "ubuntu", "fedora", "rocky", "opensuse", "arch", "alpine"]


def test_unless_more_is_said_every_device_takes_dhcp(ubuntu: MemoryGuest) -> None:
    Network().apply(ubuntu)

    text = ubuntu.read_file(NETPLAN).decode()
    assert text.count("match:") == 1
    assert 'name: "e*"' in text
    assert "dhcp4: true" in text


def test_a_device_with_addresses_takes_no_dhcp_unless_asked(ubuntu: MemoryGuest) -> None:
    devices = [
        {"name": "eth1", "addresses": ["10.0.0.5/24"]},
        {"name": "eth2", "addresses": ["10.0.1.5/24"], "dhcp": True},
        {"name": "eth3"},
    ]

    Network.model_validate({"dhcp": False, "interfaces": devices}).apply(ubuntu)

    assert [line.strip() for line in ubuntu.read_file(NETPLAN).decode().splitlines() if "dhcp4" in line] == [
        "dhcp4: false",
        "dhcp4: true",
        "dhcp4: true",
    ]


def test_what_is_said_of_every_device_stands_in_for_the_default(ubuntu: MemoryGuest) -> None:
    Network.model_validate({"interfaces": [{"name": "e*", "mtu": 1400}]}).apply(ubuntu)

    assert ubuntu.read_file(NETPLAN).decode().count("match:") == 1


@pytest.mark.parametrize("name", ALL)
def test_no_guest_finds_a_device_by_its_address(request, name: str) -> None:
    guest = request.getfixturevalue(name)
    before = set(guest.find("/etc"))

    Network().apply(guest)

    written = [path for path in guest.find("/etc") if path not in before and guest.is_file(path)]
    assert [path for path in written if b"macaddress" in guest.read_file(path).lower()] == []


@pytest.mark.parametrize("name", ALL)
def test_applying_twice_changes_nothing(request, snapshot, name: str) -> None:
    guest = request.getfixturevalue(name)
    step = Network.model_validate(
        {"interfaces": [{"name": "eth1", "addresses": ["10.0.0.5/24"], "gateways": ["10.0.0.1"]}]}
    )
    step.apply(guest)
    first = snapshot(guest)

    step.apply(guest)

    assert snapshot(guest) == first


def test_what_wicked_cannot_be_told_of_a_device_is_refused() -> None:
    step = Network.model_validate({"interfaces": [{"name": "eth1", "dns": ["10.0.0.1"], "search": ["a.example"]}]})

    found = [problem.field for problem in step.check(Facts(network_stack="wicked"))]

    assert found == ["interfaces[0].dns", "interfaces[0].search"]
    assert list(step.check(Facts(network_stack="netplan"))) == []


def test_who_else_configures_the_network_is_told(ubuntu: MemoryGuest) -> None:
    assert ["cloud-init" in remark for remark in Network().remarks(ubuntu)] == [True]


@pytest.mark.parametrize(
    ("device", "said"),
    [
        ({"name": "52:54:00:12:34:56"}, "not found by its address"),
        ({"name": "en_*!"}, "such as eth1"),
        ({"name": ""}, "a name of at most 15"),
        ({"name": "eth0123456789012"}, "a name of at most 15"),
        ({"name": "eth0", "addresses": ["10.0.0.5"]}, "length of its prefix"),
        ({"name": "eth0", "addresses": ["10.0.0.500/24"]}, "such as 10.0.0.5/24"),
        ({"name": "eth0", "dns": ["ns.example"]}, "such as 10.0.0.1"),
        ({"name": "eth0", "search": ["a b"]}, "pattern"),
        ({"name": "eth0", "mtu": 12}, "greater than or equal to 68"),
        ({"name": "eth0", "gateways": ["10.0.0.1"]}, "needs an address of its kind"),
        ({"name": "eth0", "addresses": ["10.0.0.5/24"], "gateways": ["10.0.0.1", "10.0.0.2"]}, "one of IPv4"),
        ({"name": "en*", "addresses": ["10.0.0.5/24"]}, "several devices"),
        ({"name": "eth0", "mac": "x"}, "Extra inputs"),
    ],
)
def test_what_no_device_can_have_is_refused(device: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Network.model_validate({"interfaces": [device]})


@pytest.mark.parametrize(
    ("fields", "said"),
    [({"dhcp": False}, "say what to configure"), ({"interfaces": [{"name": "a"}, {"name": "a"}]}, "named twice")],
)
def test_what_makes_no_network_is_refused(fields: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Network.model_validate(fields)
