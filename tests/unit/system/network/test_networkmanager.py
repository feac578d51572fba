from __future__ import annotations

import configparser

import pytest

from imagekit.system.network import networkmanager
from imagekit.system.network.model import EVERY, Interface


def profiles(*interfaces: Interface) -> list[dict[str, dict[str, str]]]:
    found = []
    for text in networkmanager.files(interfaces).values():
        parser = configparser.ConfigParser()
        parser.read_string(text)
        found.append({name: dict(parser[name]) for name in parser.sections()})
    return found


def test_a_profile_without_a_name_is_for_every_ethernet_device_at_once() -> None:
    (every,) = profiles(Interface(EVERY, dhcp=True))

    assert every["connection"].items() >= {"type": "ethernet", "multi-connect": "3"}.items()
    assert "interface-name" not in every["connection"]
    assert "match" not in every
    assert (every["ipv4"], every["ipv6"]) == ({"method": "auto"}, {"method": "auto"})


def test_an_exact_name_beats_a_pattern_and_both_beat_what_was_there() -> None:
    fixed, pattern, every = profiles(Interface(EVERY, dhcp=True), Interface("en*", dhcp=True), Interface("eth1"))

    assert [each["connection"]["autoconnect-priority"] for each in (fixed, pattern, every)] == ["3", "2", "1"]
    assert fixed["connection"]["interface-name"] == "eth1"
    assert pattern["match"]["interface-name"] == "en*;"


@pytest.mark.parametrize(
    ("interface", "v4", "v6"),
    [
        (Interface("a"), {"method": "disabled"}, {"method": "link-local"}),
        (
            Interface(
                "a", addresses=("10.0.0.5/24",), gateways=("10.0.0.1",), dns=("9.9.9.9", "fd00::9"), search=("x",)
            ),
            {
                "method": "manual",
                "address1": "10.0.0.5/24",
                "gateway": "10.0.0.1",
                "dns": "9.9.9.9;",
                "dns-search": "x;",
            },
            {"method": "link-local", "dns": "fd00::9;", "dns-search": "x;"},
        ),
        (
            Interface("a", dhcp=True, addresses=("fd00::5/64", "fd00::6/64")),
            {"method": "auto"},
            {"method": "auto", "address1": "fd00::5/64", "address2": "fd00::6/64"},
        ),
    ],
)
def test_each_family_has_what_is_its_own(interface: Interface, v4: dict[str, str], v6: dict[str, str]) -> None:
    (profile,) = profiles(interface)

    assert (profile["ipv4"], profile["ipv6"]) == (v4, v6)


def test_a_profile_has_the_same_id_in_every_image() -> None:
    first, second = (networkmanager.files((Interface("eth1", mtu=mtu),)) for mtu in (1400, 1500))
    (one,), (two,) = first.values(), second.values()

    assert one.replace("1400", "1500") == two
