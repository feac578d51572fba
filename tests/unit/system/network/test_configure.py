from __future__ import annotations

import pytest

from imagekit.diagnostics import Problem
from imagekit.guest.facts import Facts
from imagekit.system.network.configure import configure, remarks
from imagekit.system.network.model import EVERY, Interface
from imagekit.testing.memory import File, MemoryGuest

DHCP = (Interface(EVERY, dhcp=True),)
FIXED = Interface("eth1", addresses=("10.0.0.5/24",))


@pytest.mark.parametrize(
    ("name", "path", "mode"),
    [
        ("debian", "/etc/network/interfaces", 0o644),
        ("debian13", "/etc/systemd/network/05-imagekit0-ex.network", 0o644),
        ("ubuntu", "/etc/netplan/90-imagekit.yaml", 0o600),
        ("fedora", "/etc/NetworkManager/system-connections/imagekit0-ex.nmconnection", 0o600),
        ("rocky", "/etc/NetworkManager/system-connections/imagekit0-ex.nmconnection", 0o600),
        ("opensuse", "/etc/sysconfig/network/ifcfg-eth0", 0o644),
        ("arch", "/etc/systemd/network/05-imagekit0-ex.network", 0o644),
        ("alpine", "/etc/network/interfaces", 0o644),
    ],
)
def test_each_guest_is_told_by_the_file_that_its_stack_reads(request, name: str, path: str, mode: int) -> None:
    guest = request.getfixturevalue(name)

    configure(guest, DHCP)

    assert b"dhcp" in guest.read_file(path).lower() or b"method=auto" in guest.read_file(path)
    assert guest.lstat(path).mode == mode


def test_files_of_netplan_that_would_win_go_and_leave_their_renderer(ubuntu: MemoryGuest) -> None:
    ubuntu.add("/etc/netplan/01-all.yaml", "network: {version: 2, renderer: NetworkManager}\n")
    ubuntu.add("/etc/netplan/50-cloud-init.yaml", "network: {version: 2, renderer: networkd, ethernets: {ens3: {}}}\n")

    configure(ubuntu, DHCP)

    assert ubuntu.ls("/etc/netplan") == ("01-all.yaml", "90-imagekit.yaml")
    assert b"renderer: networkd" in ubuntu.read_file("/etc/netplan/90-imagekit.yaml")


def test_a_file_of_netplan_with_other_devices_is_refused(ubuntu: MemoryGuest) -> None:
    ubuntu.add("/etc/netplan/02.yaml", "network: {version: 2, ethernets: {ens3: {}}, bridges: {br0: {}}}\n")

    with pytest.raises(Problem, match="more than Ethernet devices") as caught:
        configure(ubuntu, DHCP)

    assert (caught.value.code, "bridges" in caught.value.why) == ("IK-NET-003", True)


@pytest.mark.parametrize("name", ["debian13", "fedora"])
def test_what_an_earlier_configuration_of_ours_had_and_this_one_has_not_goes(request, name: str) -> None:
    guest = request.getfixturevalue(name)
    configure(guest, (FIXED, *DHCP))

    configure(guest, DHCP)

    assert [path for path in guest.find("/etc") if "imagekit" in path and "eth1" in path] == []


def test_where_names_are_exact_every_device_is_each_that_is_configured(
    alpine: MemoryGuest, opensuse: MemoryGuest
) -> None:
    alpine.add("/etc/network/interfaces", "iface lo inet loopback\niface eth0 inet static\niface eth2 inet dhcp\n")
    opensuse.add("/etc/sysconfig/network/ifcfg-eth3", "x")
    for guest in (alpine, opensuse):
        configure(guest, (FIXED, *DHCP))

    text = alpine.read_file("/etc/network/interfaces").decode()
    assert [f"iface {name} inet dhcp" in text for name in ("eth0", "eth1", "eth2")] == [True, False, True]
    assert opensuse.read_file("/etc/sysconfig/network/ifcfg-eth3") == b"STARTMODE='auto'\nBOOTPROTO='dhcp'\n"


def test_where_nothing_is_configured_the_first_device_is_taken() -> None:
    guest = MemoryGuest(facts=Facts(family="rhel", network_stack="ifcfg"))

    configure(guest, DHCP)

    assert guest.ls("/etc/sysconfig/network-scripts") == ("ifcfg-eth0",)


def test_a_pattern_is_refused_where_names_are_exact(alpine: MemoryGuest) -> None:
    with pytest.raises(Problem) as caught:
        configure(alpine, (FIXED, Interface("en*", dhcp=True)))

    assert (caught.value.field, caught.value.code) == ("interfaces[1].name", "IK-NET-002")


def test_a_guest_without_a_stack_is_refused() -> None:
    with pytest.raises(Problem) as caught:
        configure(MemoryGuest(facts=Facts()), DHCP)

    assert caught.value.code == "IK-NET-001"


def test_the_author_learns_who_else_configures_the_network(debian: MemoryGuest) -> None:
    debian.add("/etc/network/interfaces.d/50-cloud-init", File(""))
    before = list(remarks(debian, DHCP))
    debian.add("/etc/cloud/cloud.cfg.d/x.cfg", "network: {config: disabled}\n")

    assert ["cloud-init" in each for each in before] == [True, False]
    assert list(remarks(debian, DHCP)) == ["what is in /etc/network/interfaces.d is not read any more"]


def test_the_author_learns_which_devices_every_one_is(alpine: MemoryGuest, debian13: MemoryGuest) -> None:
    configure(alpine, (FIXED, *DHCP))

    (remark,) = remarks(alpine, (FIXED, *DHCP))

    assert "DHCP is for eth0 and not for every one" in remark
    assert list(remarks(alpine, (FIXED,))) == list(remarks(debian13, DHCP)) == []
