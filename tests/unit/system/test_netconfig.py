from __future__ import annotations

import pytest

from imagekit.system import netconfig, yamltext


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"version: 2\n",
        b"network:\n  version: 1\n  config: []\n",
        b"network: {config: disabled}\n",
        b"version: 1\nconfig:\n- {type: physical, name: eth0, subnets: [{type: dhcp}]}\n- {type: nameserver, address: 1.1.1.1}\n",
        b"version: 2\nrenderer: networkd\nethernets:\n  id0: {match: {name: 'e*'}, dhcp4: true}\n  eth0: {}\n",
    ],
)
def test_what_cloud_init_takes_is_taken(content: bytes) -> None:
    assert netconfig.faults(content) == ()


@pytest.mark.parametrize(
    ("content", "line", "said", "fix"),
    [
        (b"version: 3\n", 1, "version: 1 or version: 2", "version: 2"),
        (b"ethernets: {}\n", 1, "version: 1 or version: 2", "version: 2"),
        (b"network: x\n", 1, "no YAML mapping", ""),
        (b"[]\n", 1, "no YAML mapping", ""),
        (b"version: 1\n", 1, "a list below config", ""),
        (b"version: 1\nconfig: x\n", 2, "a list below config", ""),
        (b"version: 1\nconfig:\n- type: fysical\n", 3, "config[0] has a type", "type: physical"),
        (b"version: 1\nconfig:\n- x\n", 3, "config[0] has a type", ""),
        (b"version: 1\nconfig:\n- {type: vlan, name: v, vlan_id: 3}\n", 3, "has no vlan_link", ""),
        (b"version: 2\nethernet: {}\n", 2, "no key of version 2", "did you mean ethernets?"),
        (b"version: 2\nethernets: [a]\n", 2, "a mapping of devices", ""),
        (b"version: 2\nethernets:\n  a:\n", 3, "is no mapping", "write {} for a device without settings"),
        (b"version: 2\nethernets:\n  a: {match: x}\n", 3, "match is no mapping", ""),
        (b"version: 2\nethernets:\n  a:\n    match: {nam: e}\n", 4, "not 'nam'", "write name"),
        (b"version: 2\nethernets:\n  a: {set-name: e}\n", 3, "needs a match", ""),
    ],
)
def test_what_is_wrong_is_told_with_its_line(content: bytes, line: int, said: str, fix: str) -> None:
    (fault,) = netconfig.faults(content)

    assert said in fault.message
    assert (fault.line, fault.fix) == (line, fix)


def test_an_address_that_yaml_took_for_a_number_is_to_be_quoted() -> None:
    # 52:54:00:12:34:10 is a number in base sixty to a reader of YAML 1.1.
    content = b"network:\n  version: 2\n  ethernets:\n    a:\n      match: {macaddress: 52:54:00:12:34:10}\n"

    (fault,) = netconfig.faults(content)

    assert (fault.line, "quote it" in fault.fix) == (5, True)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("version: 2\nethernets: {a: {match: {macaddress: 'x'}}}", [("ethernets", "a", "match", "macaddress")]),
        ("network: {version: 1, config: [{type: physical, mac_address: 'x'}]}", [("config", 0, "mac_address")]),
        ("version: 2\nethernets: {a: {match: {name: 'e*'}, macaddress: 'x'}}", []),
        ("version: 1\nconfig: [{type: bond, mac_address: 'x'}]", []),
        ("network: x", []),
        ("version: 2\nethernets: {a: x}\nbonds: y", []),
    ],
)
def test_what_finds_a_device_by_its_address_is_found(text: str, found: list[object]) -> None:
    assert list(netconfig.hardware_addresses(yamltext.parse(text))) == found
