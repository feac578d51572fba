from __future__ import annotations

from imagekit.system.network import ifcfg
from imagekit.system.network.model import Interface

FIXED = Interface(
    "eth1",
    addresses=("10.0.0.5/24", "fd00::5/64", "fd00::6/64"),
    gateways=("10.0.0.1", "fd00::1"),
    dns=("9.9.9.9",),
    search=("a.example", "b"),
    mtu=1400,
)


def test_red_hats_scripts_are_told_of_dhcp() -> None:
    assert ifcfg.files((Interface("eth0", dhcp=True),), "redhat") == {
        "/etc/sysconfig/network-scripts/ifcfg-eth0": (
            "DEVICE=eth0\nTYPE=Ethernet\nONBOOT=yes\nBOOTPROTO=dhcp\nIPV6INIT=yes\nDHCPV6C=yes\n"
        )
    }


def test_red_hats_scripts_are_told_of_fixed_addresses() -> None:
    (text,) = ifcfg.files((FIXED,), "redhat").values()

    assert text.splitlines()[3:] == [
        "BOOTPROTO=none",
        "IPADDR0=10.0.0.5",
        "PREFIX0=24",
        "IPV6INIT=yes",
        "IPV6ADDR=fd00::5/64",
        'IPV6ADDR_SECONDARIES="fd00::6/64"',
        "GATEWAY=10.0.0.1",
        "IPV6_DEFAULTGW=fd00::1",
        "DNS1=9.9.9.9",
        'DOMAIN="a.example b"',
        "MTU=1400",
    ]


def test_wicked_is_told_of_routes_in_a_file_of_their_own() -> None:
    assert ifcfg.files((FIXED,), "suse") == {
        "/etc/sysconfig/network/ifcfg-eth1": (
            "STARTMODE='auto'\nBOOTPROTO='static'\n"
            "IPADDR='10.0.0.5/24'\nIPADDR_1='fd00::5/64'\nIPADDR_2='fd00::6/64'\nMTU='1400'\n"
        ),
        "/etc/sysconfig/network/ifroute-eth1": "default 10.0.0.1 - eth1\ndefault fd00::1 - eth1\n",
    }


def test_wicked_takes_dhcp_with_fixed_addresses_too_or_neither() -> None:
    def protocol(one: Interface) -> str:
        return ifcfg.files((one,), "suse")["/etc/sysconfig/network/ifcfg-a"].splitlines()[1]

    assert [
        protocol(Interface("a", dhcp=True)),
        protocol(Interface("a", dhcp=True, addresses=("10.0.0.5/24",))),
        protocol(Interface("a")),
    ] == ["BOOTPROTO='dhcp'", "BOOTPROTO='dhcp+static'", "BOOTPROTO='none'"]
