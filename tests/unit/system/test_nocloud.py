from __future__ import annotations

import pytest
from hypothesis import given, settings, strategies

from imagekit.system import nocloud

PIECES = (
    *(
        b"#cloud-config\n",
        b"## template: jinja\n",
        b"MIME-Version: 1.0\n",
        b"--x\n",
        b"\n",
        b"\r",
        b"\x1c",
        b"\xff",
        b"\x1f\x8b",
    ),
    *(
        b"a: ",
        b"[",
        b"]",
        b"{",
        b"}",
        b"- ",
        b"? ",
        b"&a ",
        b"*a",
        b"<<: ",
        b"!!set ",
        b"!x ",
        b"y",
        b"1_0:6",
        b"'",
        b"---\n",
    ),
    *(b"network:\n", b"  ethernets: ", b"version: 1\n", b"version: 2\n", b"config: ", b"match: ", b"macaddress: "),
    *(
        b"instance-id: ",
        b"dsmode: ",
        b"users: ",
        b"password: ",
        b"chpasswd: ",
        b"#cloud-config-archive\n",
        b"#include\n",
    ),
)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("user-data", b"# cloud-config\n"),
        ("vendor-data", b"# cloud-config\n"),
        ("meta-data", b"instance_id: x\n"),
        ("network-config", b"version: 3\n"),
    ],
)
def test_each_file_has_its_own_rules(name: str, content: bytes) -> None:
    assert len(nocloud.faults(name, content)) == 1


@pytest.mark.parametrize("name", nocloud.FILES)
def test_an_empty_file_is_taken_and_one_without_end_is_not(name: str) -> None:
    assert nocloud.faults(name, b"") == ()
    assert "larger than 16 MiB" in nocloud.faults(name, b" " * (nocloud.LARGEST + 1))[0].message


def test_only_user_data_and_vendor_data_need_a_header() -> None:
    assert [nocloud.header(name) for name in nocloud.FILES] == ["#cloud-config\n", "", "#cloud-config\n", ""]


def test_remarks_begin_with_the_name_of_the_file() -> None:
    files = {
        "user-data": b"#!/bin/sh\n" + b"#" * 20_000,
        "vendor-data": b"#include\nx\n",
        "meta-data": b"seedfrom: x\n",
    }

    remarks = list(nocloud.remarks(files))

    assert [remark.partition(":")[0] for remark in remarks] == ["user-data", "vendor-data", "meta-data"]
    assert "16 KiB" in remarks[0]


def test_an_address_ties_a_seed_to_its_machine() -> None:
    files = {"network-config": b"version: 2\nethernets: {a: {match: {macaddress: '52:54:00:12:34:56'}}}\n"}

    (tie,) = nocloud.ties_to_machine(files)

    assert tie.startswith("network-config: ethernets.a.match.macaddress")
    assert list(nocloud.ties_to_machine({})) == list(nocloud.remarks({})) == []


@settings(max_examples=40)
@given(
    strategies.sampled_from(nocloud.FILES), strategies.lists(strategies.sampled_from(PIECES), max_size=9).map(b"".join)
)
def test_whatever_is_given_is_judged(name: str, content: bytes) -> None:
    faults = nocloud.faults(name, content)

    assert all(fault.message and fault.told() for fault in faults)
    if not faults:
        assert all([*nocloud.remarks({name: content}), *nocloud.ties_to_machine({name: content})])
