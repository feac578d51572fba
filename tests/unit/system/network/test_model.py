from __future__ import annotations

from imagekit.system.network.model import EVERY, Interface, is_v6, ordered


def test_exact_names_come_before_patterns_and_longer_patterns_before_shorter() -> None:
    names = [one.name for one in ordered(tuple(map(Interface, (EVERY, "ens*", "eth1", "ens3"))))]

    assert names == ["ens3", "eth1", "ens*", EVERY]


def test_a_pattern_is_told_from_a_name_and_named_in_a_file() -> None:
    assert [(one.is_pattern, one.label) for one in (Interface("en*"), Interface("eth0.5"))] == [
        (True, "enx"),
        (False, "eth0.5"),
    ]


def test_an_address_of_ipv6_is_known_by_its_colons() -> None:
    assert (is_v6("fd00::1/64"), is_v6("10.0.0.1")) == (True, False)
