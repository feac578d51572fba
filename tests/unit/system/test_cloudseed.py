from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING

import pytest

from imagekit.diagnostics import Problem
from imagekit.system import cloudseed, metadata
from imagekit.system.cloudinit import SEED

if TYPE_CHECKING:
    from imagekit.testing.memory import MemoryGuest

SCHEMAS = "/usr/lib/python3/dist-packages/cloudinit/config/schemas"
FILES = {"user-data": b"#!/bin/sh\n", "meta-data": b"local-hostname: web\n"}


def seeded(guest: MemoryGuest, files: dict[str, bytes]) -> dict[str, bytes]:
    cloudseed.write(guest, files)
    return {name: guest.read_file(f"{SEED}/{name}") for name in guest.ls(SEED)}


def refused(guest: MemoryGuest, files: dict[str, bytes], mappings: frozenset[str] = frozenset()) -> Problem:
    with pytest.raises(Problem) as caught:
        cloudseed.check_content(guest, files, mappings=mappings)
    return caught.value


def test_both_required_files_are_always_written_and_user_data_is_private(debian: MemoryGuest) -> None:
    files = seeded(debian, {})

    assert sorted(files) == ["meta-data", "user-data"]
    assert uuid.UUID(metadata.instance_id(files["meta-data"])).version == 4
    assert [debian.lstat(f"{SEED}/{name}").mode for name in sorted(files)] == [0o644, 0o600]


def test_an_equal_seed_keeps_its_instance_id_and_another_one_does_not(debian: MemoryGuest) -> None:
    first = seeded(debian, FILES)
    again = seeded(debian, FILES)

    assert again == first
    for other in (
        {**FILES, "user-data": b""},
        {**FILES, "meta-data": b"local-hostname: db\n"},
        {**FILES, "vendor-data": b""},
    ):
        assert seeded(debian, other)["meta-data"] != first["meta-data"]


def test_what_the_last_seed_had_and_this_one_has_not_goes(debian: MemoryGuest) -> None:
    seeded(debian, {"vendor-data": b"", "network-config": b"version: 2\n"})

    assert sorted(seeded(debian, {})) == ["meta-data", "user-data"]


def test_a_broken_seed_that_was_there_is_no_hindrance(debian: MemoryGuest) -> None:
    debian.add(f"{SEED}/meta-data", "a: [\n")

    assert metadata.instance_id(seeded(debian, {})["meta-data"])


@pytest.mark.parametrize(
    ("path", "text", "code"),
    [
        ("/etc/cloud/cloud.cfg.d/90_dpkg.cfg", "datasource_list: [ Ec2, None ]\n", "IK-CLD-002"),
        ("/etc/cloud/ds-identify.cfg", "datasource: Ec2\n", "IK-CLD-002"),
        ("/etc/cloud/cloud-init.disabled", "", "IK-CLD-006"),
        ("/etc/cloud/cloud.cfg.d/99.cfg", "network: {config: disabled}\n", "IK-CLD-005"),
    ],
)
def test_a_seed_that_the_guest_would_not_read_is_refused(debian: MemoryGuest, path: str, text: str, code: str) -> None:
    debian.add(path, text)

    with pytest.raises(Problem) as caught:
        cloudseed.check_read(debian, network=True)

    assert caught.value.code == code


def test_the_networks_of_others_do_not_matter_to_a_seed_without_one(debian: MemoryGuest) -> None:
    debian.add("/etc/cloud/cloud.cfg.d/99.cfg", "network: {config: disabled}\n")

    cloudseed.check_read(debian, network=False)


def test_all_faults_of_a_file_are_told_at_once_without_their_values(debian: MemoryGuest) -> None:
    debian.add(
        f"{SCHEMAS}/schema-cloud-config-v1.json",
        json.dumps({"properties": {"a": {"type": "array"}}, "additionalProperties": False}),
    )

    problem = refused(debian, {"user-data": b"#cloud-config\na: hush\nb: 1\n"})

    assert (problem.field, problem.code) == ("seed.user_data", "IK-CLD-003")
    assert {problem.message, problem.why.partition("also: ")[2]} == {
        "a is not a list (line 2, column 1)",
        "unknown key 'b' (line 3, column 1)",
    }


def test_a_fault_of_a_mapping_has_a_field_and_no_line(debian: MemoryGuest) -> None:
    debian.add(f"{SCHEMAS}/schema-cloud-config-v1.json", '{"properties": {"a": {"items": {"type": "string"}}}}')

    problem = refused(debian, {"user-data": b"#cloud-config\na: [1]\n"}, frozenset({"user-data"}))

    assert (problem.field, problem.message) == ("seed.user_data.a[0]", "a[0] is not text")


def test_what_came_from_a_secret_is_looked_at_too(debian: MemoryGuest) -> None:
    problem = refused(debian, {"user-data": b"hush"})

    assert problem.code == "IK-CLD-004"
    assert "hush" not in problem.message + problem.why + problem.fix


@pytest.mark.parametrize("content", [b"#!/bin/sh\n", b"## template: jinja\n#cloud-config\n", b""])
def test_the_schema_is_for_cloud_config_alone(debian: MemoryGuest, content: bytes) -> None:
    debian.add(f"{SCHEMAS}/schema-cloud-config-v1.json", '{"required": ["a"]}')

    cloudseed.check_content(debian, {"user-data": content}, mappings=frozenset())


@pytest.mark.parametrize("above", [b"", b"network:\n"])
def test_a_network_is_held_to_the_schema_of_its_version(debian: MemoryGuest, above: bytes) -> None:
    schema = {"properties": {"ethernets": {"additionalProperties": {"properties": {"dhcp4": {"type": "boolean"}}}}}}
    debian.add(f"{SCHEMAS}/schema-network-config-v2.json", json.dumps(schema))
    indent = b"  " if above else b""
    content = above + indent + b"version: 2\n" + indent + b"ethernets: {a: {dhcp4: maybe}}\n"

    assert "ethernets.a.dhcp4 is not true or false" in refused(debian, {"network-config": content}).message


def test_where_netplan_is_asked_the_schema_is_not(ubuntu: MemoryGuest) -> None:
    ubuntu.add(f"{SCHEMAS}/schema-network-config-v2.json", '{"required": ["a"]}')

    cloudseed.check_content(ubuntu, {"network-config": b"version: 2\n"}, mappings=frozenset())


def test_seeds_in_the_image_are_found(debian: MemoryGuest) -> None:
    before = cloudseed.in_image(debian)
    debian.add("/var/lib/cloud/seed/nocloud-net/meta-data", "")

    assert (before, cloudseed.in_image(debian)) == ((), ("/var/lib/cloud/seed/nocloud-net/meta-data",))
