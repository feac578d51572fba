from __future__ import annotations

import pytest

from imagekit.system import userdata


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n\n",
        b"#cloud-config\na: 1\n",
        b"\n\n#Cloud-Config\na: 1\n",
        b"#cloud-config\n",
        b"#!/bin/sh\n[",
        b"#include\nhttps://example.org/x\n",
        b"#cloud-boothook\n",
        b"## template: jinja\n#cloud-config\n{{ [ }}\n",
        b"#cloud-config-archive\n- x\n",
        b"Content-Type: multipart/mixed\nMIME-Version: 1.0\n\n",
        b"\x1f\x8b\x08\x00",
    ],
)
def test_what_cloud_init_takes_is_taken(content: bytes) -> None:
    assert userdata.user_data_fault(content) == ""


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"# cloud-config\na: 1\n", "would ignore it"),
        (b"a: 1\n", "#cloud-config"),
        (b"##template: jinja\n", "## template: jinja"),
        (b"\xef\xbb\xbf#cloud-config\n", "byte order mark"),
        (b"#cloud-config\na: 1\na: [\n", "line 4"),
        (b"#cloud-config\n- a\n", "no YAML mapping"),
    ],
)
def test_what_cloud_init_would_drop_is_said(content: bytes, said: str) -> None:
    assert said in userdata.user_data_fault(content)


def test_a_fault_never_tells_a_value() -> None:
    fault = userdata.user_data_fault(b"#cloud-config\npassword: hush\npassword: hush2\n")

    assert "line 3" in fault
    assert "hush" not in fault


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"instance_id: x\n", "'instance-id'"),
        (b"instance-id: 12\n", "quote it"),
        (b"dsmode: no-such\n", "dsmode"),
        (b"- x\n", "no YAML mapping"),
        (b"instance-id: x\nlocal-hostname: y\nanything: z\n", ""),
        (b"", ""),
    ],
)
def test_meta_data_is_looked_through(content: bytes, said: str) -> None:
    fault = userdata.meta_data_fault(content)

    assert said in fault
    assert bool(fault) == bool(said)


@pytest.mark.parametrize("content", [b"version: 2\n", b"network:\n  version: 1\n", b"network: {config: disabled}\n"])
def test_network_configurations_of_either_form_are_taken(content: bytes) -> None:
    assert userdata.network_config_fault(content) == ""


@pytest.mark.parametrize("content", [b"version: 3\n", b"ethernets: {}\n", b"network: x\n", b"[]\n"])
def test_what_is_no_network_configuration_is_said(content: bytes) -> None:
    assert userdata.network_config_fault(content)


def test_a_departure_from_the_schema_is_placed_without_its_value() -> None:
    schema = {
        "properties": {"users": {"items": {"properties": {"name": {"type": "string"}}, "additionalProperties": False}}}
    }

    faults = list(userdata.schema_faults({"users": [{"name": 7, "passwrd": "hush"}]}, schema))

    assert sorted(faults) == [
        "unknown key 'users.0.passwrd'",
        "users.0.name is not what cloud-init's schema asks for (type: string)",
    ]
