from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from imagekit.identity.catalogue.network import ITEMS, without_card
from imagekit.testing.memory import Link

if TYPE_CHECKING:
    from imagekit.testing.memory import MemoryGuest

NETWORK = {item.id: item for item in ITEMS}
CARD = "52:54:00:12:34:56"


def test_an_ifcfg_file_loses_its_card_and_keeps_its_addresses() -> None:
    text = f'DEVICE=eth0\nHWADDR="{CARD}"\nUUID=x\nIPADDR=192.0.2.1\nDHCP_HOSTNAME=web\n'

    assert without_card(text) == "DEVICE=eth0\nIPADDR=192.0.2.1\n"


def test_an_ifcfg_file_that_names_no_device_but_by_its_card_is_left_alone() -> None:
    text = f"HWADDR={CARD}\nBOOTPROTO=dhcp\n"

    assert without_card(text) == text


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/etc/udev/rules.d/70-persistent-net.rules", f'ATTR{{address}}=="{CARD}", NAME="eth0"\n'),
        ("/etc/udev/rules.d/70-persistent-cd.rules", 'ENV{ID_PATH}=="pci-0", SYMLINK+="cdrom"\n'),
        ("/etc/systemd/network/10-lan.link", f"[Match]\nPermanentMACAddress={CARD}\n"),
    ],
)
def test_rules_about_one_card_are_found(debian: MemoryGuest, path: str, text: str) -> None:
    debian.add(path, text)

    assert NETWORK["udev-net"].detect(debian) == (path,)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/etc/udev/rules.d/70-persistent-net.rules", "# This file was made by hand.\n"),
        ("/etc/systemd/network/10-lan.link", "[Match]\nDriver=virtio_net\n"),
        ("/etc/systemd/network/99-default.link", "[Link]\nMACAddressPolicy=none\n"),
        ("/etc/udev/rules.d/60-disk.rules", f'ATTR{{address}}=="{CARD}"\n'),
    ],
)
def test_rules_about_any_card_are_none(debian: MemoryGuest, path: str, text: str) -> None:
    debian.add(path, text)

    assert NETWORK["udev-net"].detect(debian) == ()


def test_rules_that_were_switched_off_by_a_link_stay_so(debian: MemoryGuest) -> None:
    debian.add("/etc/udev/rules.d/75-persistent-net-generator.rules", Link("/dev/null"))
    NETWORK["udev-net"].reset(debian)

    assert debian.is_symlink("/etc/udev/rules.d/75-persistent-net-generator.rules")


def test_a_profile_loses_its_card_and_its_history_and_keeps_the_rest(debian: MemoryGuest) -> None:
    path = "/etc/NetworkManager/system-connections/lan"
    debian.add(
        path,
        f"[connection]\nuuid=1\ntimestamp=17\n\n[ethernet]\nmac-address={CARD}\ncloned-mac-address=random\n"
        f"mac-address-blacklist=\n\n[ipv4]\naddress1=192.0.2.1/24\n",
    )
    NETWORK["nm-cards"].reset(debian)

    assert debian.read_file(path).decode() == (
        "[connection]\nuuid=1\n\n[ethernet]\ncloned-mac-address=random\n"
        "mac-address-blacklist=\n\n[ipv4]\naddress1=192.0.2.1/24\n"
    )


def test_an_address_that_a_profile_gives_its_card_goes(debian: MemoryGuest) -> None:
    path = "/etc/NetworkManager/system-connections/lan.nmconnection"
    debian.add(path, f"[ethernet]\ncloned-mac-address={CARD}\n")
    NETWORK["nm-cards"].reset(debian)

    assert debian.read_file(path) == b"[ethernet]\n"


def test_a_fixed_duid_goes_and_how_one_is_made_stays(debian: MemoryGuest) -> None:
    debian.add("/etc/systemd/network/10-lan.network", "[DHCPv4]\nDUIDType=vendor\nDUIDRawData=00:00:ab:11\n")
    NETWORK["networkd"].reset(debian)

    assert debian.read_file("/etc/systemd/network/10-lan.network") == b"[DHCPv4]\nDUIDType=vendor\n"


def test_a_hwaddress_of_ifupdown_goes_unless_it_is_made_at_random(debian: MemoryGuest) -> None:
    debian.write(
        "/etc/network/interfaces",
        f"iface a inet dhcp\n\thwaddress ether {CARD}\niface b inet dhcp\n\thwaddress random\n",
    )
    NETWORK["ifupdown"].reset(debian)

    assert debian.read_file("/etc/network/interfaces") == b"iface a inet dhcp\niface b inet dhcp\n\thwaddress random\n"


def test_netplan_is_found_where_it_matches_a_card_and_cloud_init_did_not_write_it(ubuntu: MemoryGuest) -> None:
    text = f"network:\n  ethernets:\n    a:\n      match: {{}}\n      macaddress: '{CARD}'\n"
    ubuntu.add("/etc/netplan/50-cloud-init.yaml", text)
    ubuntu.add("/etc/netplan/01-site.yaml", text)
    ubuntu.add("/etc/netplan/02-any.yaml", "network:\n  ethernets: {all: {match: {name: 'en*'}, dhcp4: true}}\n")

    assert NETWORK["netplan"].detect(ubuntu) == ("/etc/netplan/01-site.yaml",)
    assert NETWORK["netplan"].returns(ubuntu) == ""


def test_name_servers_that_a_service_keeps_are_no_identity(debian: MemoryGuest) -> None:
    debian.add("/run/stub", "nameserver 127.0.0.53\n")
    debian.add("/etc/resolv.conf", Link("/run/stub"))

    assert NETWORK["resolv"].detect(debian) == ()


def test_a_lease_file_of_a_server_stays_for_the_server_to_open(debian: MemoryGuest) -> None:
    debian.add("/var/lib/dhcp/dhcpd.leases", "lease 192.0.2.1 {}\n")
    debian.add("/var/lib/dhcp/dhclient.leases", "lease {}\n")
    NETWORK["dhcp-server"].reset(debian)
    NETWORK["dhclient"].reset(debian)

    assert debian.ls("/var/lib/dhcp") == ("dhcpd.leases",)
    assert debian.read_file("/var/lib/dhcp/dhcpd.leases") == b""
