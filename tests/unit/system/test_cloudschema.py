from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from imagekit.system import cloudschema

if TYPE_CHECKING:
    from imagekit.testing.memory import MemoryGuest

USER = {"type": "object", "properties": {"name": {"type": "string"}}, "additionalProperties": False}
CONFIG = {
    "$schema": "http://json-schema.org/draft-04/schema#",
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "users": {"type": "array", "items": {"anyOf": [{"type": "string"}, USER]}},
        "write_files": {"type": "array", "items": {"required": ["path"]}},
        "preserve": {"type": ["boolean", "integer"]},
        "mode": {"enum": ["auto", True]},
        "size": {"minimum": 3},
    },
}
VERSION_1 = {
    "type": "object",
    "required": ["version"],
    "properties": {
        "config": {
            "items": {
                "anyOf": [
                    {"properties": {"type": {"enum": ["bond"]}, "name": {"type": "string"}}},
                    {"properties": {"type": {"enum": ["vlan"]}, "id": {"type": "integer"}}},
                ]
            }
        }
    },
}
NETWORK = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "$defs": {"network_config_version1": VERSION_1},
    "oneOf": [
        {"$ref": "#/$defs/network_config_version1"},
        {"required": ["network"], "properties": {"network": {"$ref": "#/$defs/network_config_version1"}}},
    ],
}


@pytest.mark.parametrize(
    ("document", "told"),
    [
        ({"runcmdd": []}, "unknown key 'runcmdd'"),
        ({"user": []}, "unknown key 'user'; did you mean 'users'?"),
        ({"users": "x"}, "users is not a list"),
        ({"users": ["a", {"name": 7}]}, "users[1].name is not text"),
        ({"users": [{"nme": "hush"}]}, "unknown key 'users[0].nme'; did you mean 'name'?"),
        ({"write_files": [{}]}, "write_files[0] lacks path"),
        ({"preserve": "hush"}, "preserve is not true or false or of type integer"),
        ({"mode": "hush"}, "mode is none of auto, true"),
        ({"size": 1}, "size is not what cloud-init's schema asks for (minimum)"),
    ],
)
def test_a_departure_is_told_by_its_path_and_without_its_value(document: dict[str, Any], told: str) -> None:
    ((path, said),) = cloudschema.departures(document, CONFIG)

    assert said == told
    assert path[0] == next(iter(document))


def test_what_keeps_to_the_schema_is_taken() -> None:
    assert list(cloudschema.departures({"users": ["a", {"name": "b"}], "mode": True}, CONFIG)) == []


def test_of_several_alternatives_the_one_of_the_same_type_is_told_of() -> None:
    schema = cloudschema.network_schema(NETWORK, 1)

    told = list(cloudschema.departures({"version": 1, "config": [{"type": "vlan", "id": "x"}]}, schema))

    assert told == [(("config", 0, "id"), "config[0].id is not of type integer")]


def test_a_schema_of_another_shape_is_used_as_it_is() -> None:
    assert cloudschema.network_schema(CONFIG, 1) == CONFIG


@pytest.mark.parametrize(
    "folder",
    [
        "/usr/lib/python3/dist-packages",
        "/usr/lib/python3.9/site-packages",
        "/usr/lib64/python3.12/site-packages",
        "/usr/local/lib/python3.11/dist-packages",
    ],
)
def test_the_schema_is_the_guests_own(debian: MemoryGuest, folder: str) -> None:
    before = cloudschema.read_schema(debian, "cloud-config-v1")
    debian.add(f"{folder}/cloudinit/config/schemas/schema-cloud-config-v1.json", '{"a": 1}')

    assert (before, cloudschema.read_schema(debian, "cloud-config-v1")) == (None, {"a": 1})
    assert cloudschema.read_schema(debian, "network-config-v1") is None


@pytest.mark.parametrize("content", ["{", "[]"])
def test_a_schema_that_cannot_be_read_is_none(debian: MemoryGuest, content: str) -> None:
    debian.add("/usr/lib/python3/dist-packages/cloudinit/config/schemas/schema-network-config-v2.json", content)

    assert cloudschema.read_schema(debian, "network-config-v2") is None
