from __future__ import annotations

from imagekit.system.network import ifupdown
from imagekit.system.network.model import EVERY, Interface

LOOPBACK = "auto lo\niface lo inet loopback\n\n"


def text(*interfaces: Interface) -> str:
    return ifupdown.files(interfaces)["/etc/network/interfaces"].removeprefix(LOOPBACK)


def test_a_pattern_is_brought_up_under_a_logical_name() -> None:
    assert text(Interface(EVERY, dhcp=True)) == "auto /e*=imagekit0\niface imagekit0 inet dhcp\n"


def test_fixed_addresses_of_both_families_have_stanzas_of_their_own() -> None:
    fixed = Interface(
        "eth1",
        addresses=("10.0.0.5/24", "10.0.0.6/24", "fd00::5/64"),
        gateways=("10.0.0.1",),
        dns=("9.9.9.9",),
        search=("a.example",),
        mtu=1400,
    )
    options = "    dns-nameservers 9.9.9.9\n    dns-search a.example\n    mtu 1400\n"

    assert text(fixed) == (
        "auto eth1\n"
        f"iface eth1 inet static\n    address 10.0.0.5/24\n    gateway 10.0.0.1\n{options}"
        f"iface eth1 inet static\n    address 10.0.0.6/24\n{options}"
        f"iface eth1 inet6 static\n    address fd00::5/64\n{options}"
    )


def test_a_device_without_addresses_is_brought_up_alone() -> None:
    assert text(Interface("eth1")) == "auto eth1\niface eth1 inet manual\n"


def test_exact_names_are_brought_up_before_patterns() -> None:
    assert text(Interface(EVERY, dhcp=True), Interface("eth1", dhcp=True)).startswith("auto eth1\n")
