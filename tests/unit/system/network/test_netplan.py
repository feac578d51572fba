from __future__ import annotations

from imagekit.system import yamltext
from imagekit.system.network import netplan
from imagekit.system.network.model import EVERY, Interface

FIXED = Interface(
    "eth1", addresses=("10.0.0.5/24", "fd00::5/64"), gateways=("10.0.0.1", "fd00::1"), dns=("9.9.9.9",), mtu=1400
)


def devices(*interfaces: Interface, renderer: str = "") -> dict[str, object]:
    (text,) = netplan.files(interfaces, renderer).values()
    network = yamltext.parse(text)["network"]
    assert network.get("renderer", "") == renderer
    return dict(network["ethernets"])


def test_every_device_is_matched_by_its_name_and_its_lease_by_the_device() -> None:
    assert devices(Interface(EVERY, dhcp=True)) == {
        "imagekit0": {"match": {"name": "e*"}, "dhcp4": True, "dhcp6": True, "dhcp-identifier": "mac"}
    }


def test_fixed_addresses_have_their_routes_and_name_servers() -> None:
    assert devices(Interface(EVERY, dhcp=True), FIXED, renderer="NetworkManager")["imagekit0"] == {
        "match": {"name": "eth1"},
        "dhcp4": False,
        "dhcp6": False,
        "addresses": ["10.0.0.5/24", "fd00::5/64"],
        "routes": [{"to": "0.0.0.0/0", "via": "10.0.0.1"}, {"to": "::/0", "via": "fd00::1"}],
        "nameservers": {"addresses": ["9.9.9.9"]},
        "mtu": 1400,
    }
