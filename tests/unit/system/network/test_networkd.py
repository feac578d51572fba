from __future__ import annotations

from imagekit.system.network import networkd
from imagekit.system.network.model import EVERY, Interface


def test_of_the_files_that_match_a_device_the_exact_one_sorts_first() -> None:
    files = networkd.files((Interface(EVERY, dhcp=True), Interface("eth1", addresses=("10.0.0.5/24",))))

    assert (
        sorted(files)
        == list(files)
        == [
            "/etc/systemd/network/05-imagekit0-eth1.network",
            "/etc/systemd/network/05-imagekit1-ex.network",
        ]
    )


def test_dhcp_goes_by_the_device_and_not_by_the_machine_id() -> None:
    (text,) = networkd.files((Interface(EVERY, dhcp=True),)).values()

    assert text == "[Match]\nName=e*\n\n[Network]\nDHCP=yes\n\n[DHCPv4]\nClientIdentifier=mac\n"


def test_fixed_addresses_stand_with_what_belongs_to_them() -> None:
    fixed = Interface(
        "eth1",
        addresses=("10.0.0.5/24",),
        gateways=("10.0.0.1",),
        dns=("9.9.9.9",),
        search=("a.example", "b"),
        mtu=1400,
    )

    (text,) = networkd.files((fixed,)).values()

    assert text == (
        "[Match]\nName=eth1\n\n[Link]\nMTUBytes=1400\n\n"
        "[Network]\nDHCP=no\nAddress=10.0.0.5/24\nGateway=10.0.0.1\nDNS=9.9.9.9\nDomains=a.example b\n"
    )
