from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import pytest
from pydantic import ValidationError

from imagekit.diagnostics import Problem
from imagekit.secret import Secret
from imagekit.system import yamltext
from imagekit.testing.memory import Link, MemoryGuest
from imagekit.transforms.cloud_init import CloudInit

if TYPE_CHECKING:
    from pathlib import Path

SEED = "/var/lib/cloud/seed/nocloud"
SCHEMA = "/usr/lib/python3/dist-packages/cloudinit/config/schemas/schema-cloud-config-v1.json"


def seeded(guest: MemoryGuest, **seed: object) -> dict[str, bytes]:
    CloudInit.model_validate({"seed": seed}).apply(guest)
    return {name: guest.read_file(f"{SEED}/{name}") for name in guest.ls(SEED)}


def test_both_required_files_are_always_written(debian: MemoryGuest) -> None:
    files = seeded(debian)

    assert sorted(files) == ["meta-data", "user-data"]
    assert uuid.UUID(yamltext.parse(files["meta-data"])["instance-id"]).version == 4


def test_a_mapping_of_user_data_gets_the_header(debian: MemoryGuest) -> None:
    files = seeded(debian, user_data={"package_update": True})

    assert files["user-data"] == b"#cloud-config\npackage_update: true\n"
    assert debian.lstat(f"{SEED}/user-data").mode == 0o600


def test_every_part_finds_its_file(debian: MemoryGuest, tmp_path: Path) -> None:
    (tmp_path / "net.yaml").write_text("version: 2\n")
    seed = {
        "meta_data": {"instance-id": "i-1", "local-hostname": "web"},
        "user_data": "#!/bin/sh\ntrue\n",
        "vendor_data": {"timezone": "UTC"},
        "network_config": {"file": "net.yaml"},
    }

    CloudInit.model_validate({"seed": seed}, context={"folder": tmp_path}).apply(debian)

    files = {name: debian.read_file(f"{SEED}/{name}") for name in debian.ls(SEED)}
    assert files == {
        "meta-data": b"instance-id: i-1\nlocal-hostname: web\n",
        "user-data": b"#!/bin/sh\ntrue\n",
        "vendor-data": b"#cloud-config\ntimezone: UTC\n",
        "network-config": b"version: 2\n",
    }


def test_an_equal_seed_keeps_its_instance_id(debian: MemoryGuest) -> None:
    first = seeded(debian, meta_data={"local-hostname": "web"}, user_data={"timezone": "UTC"})

    again = seeded(debian, meta_data={"local-hostname": "web"}, user_data={"timezone": "UTC"})

    assert again == first


@pytest.mark.parametrize("other", [{"meta_data": {"local-hostname": "db"}}, {"user_data": {"timezone": "CET"}}])
def test_a_seed_that_differs_is_another_instance(debian: MemoryGuest, other: dict[str, object]) -> None:
    seed = {"meta_data": {"local-hostname": "web"}, "user_data": {"timezone": "UTC"}}
    first = seeded(debian, **seed)

    second = seeded(debian, **{**seed, **other})

    assert yamltext.parse(first["meta-data"])["instance-id"] != yamltext.parse(second["meta-data"])["instance-id"]


def test_what_the_last_seed_had_and_this_one_has_not_goes(debian: MemoryGuest) -> None:
    seeded(debian, vendor_data={"timezone": "UTC"})

    assert sorted(seeded(debian)) == ["meta-data", "user-data"]


def test_the_last_instance_is_forgotten_and_the_seed_kept(debian: MemoryGuest) -> None:
    debian.add("/var/lib/cloud/instances/i-old/user-data.txt", "password: hush")
    debian.add("/var/lib/cloud/instance", Link("/var/lib/cloud/instances/i-old"))
    debian.add("/var/lib/cloud/data/instance-id", "i-old\n")
    debian.add("/var/lib/cloud/sem/x.once", "")
    debian.add("/var/lib/cloud/seed/nocloud/meta-data", "")

    CloudInit(datasources=("NoCloud",)).apply(debian)

    assert debian.find("/var/lib/cloud") == (
        "/var/lib/cloud/seed",
        "/var/lib/cloud/seed/nocloud",
        "/var/lib/cloud/seed/nocloud/meta-data",
    )


def test_the_last_instance_stays_if_asked(debian: MemoryGuest) -> None:
    debian.add("/var/lib/cloud/data/instance-id", "i-old\n")

    CloudInit(clean=False, enabled=True).apply(debian)

    assert debian.exists("/var/lib/cloud/data/instance-id")


def test_datasources_stand_on_one_line_and_win_over_what_the_distribution_ships(debian: MemoryGuest) -> None:
    debian.add("/etc/cloud/cloud.cfg.d/90_dpkg.cfg", "datasource_list: [ Ec2 ]\n")

    CloudInit(datasources=("NoCloud", "None"), seed={}).apply(debian)

    assert debian.read_file("/etc/cloud/cloud.cfg.d/99_imagekit_datasources.cfg") == (
        b"datasource_list: [ NoCloud, None ]\n"
    )


def test_defaults_are_written_as_readers_of_yaml_1_1_understand_them(debian: MemoryGuest) -> None:
    CloudInit(config={"locale": "no", "mac": "52:54:00:12:34:56", "on_boot": True}).apply(debian)

    assert debian.read_file("/etc/cloud/cloud.cfg.d/99_imagekit_config.cfg") == (
        b'locale: "no"\nmac: "52:54:00:12:34:56"\non_boot: true\n'
    )


def test_cloud_init_is_switched_off_and_on(debian: MemoryGuest) -> None:
    CloudInit(enabled=False).apply(debian)
    off = debian.exists("/etc/cloud/cloud-init.disabled")

    CloudInit(enabled=True).apply(debian)

    assert off
    assert not debian.exists("/etc/cloud/cloud-init.disabled")


def test_a_secret_reaches_the_seed_and_nothing_else(debian: MemoryGuest) -> None:
    step = CloudInit.model_validate({"seed": {"user_data": {"password": Secret("hush", "pw")}}})

    step.apply(debian)

    assert debian.read_file(f"{SEED}/user-data") == b"#cloud-config\npassword: hush\n"
    assert "hush" not in step.model_dump_json() + repr(step)
    assert '"password":{"secret":"pw"}' in step.model_dump_json()


def test_a_seed_that_the_guest_would_not_read_is_refused(debian: MemoryGuest) -> None:
    debian.add("/etc/cloud/cloud.cfg.d/90_dpkg.cfg", "datasource_list: [ Ec2, None ]\n")

    with pytest.raises(Problem) as caught:
        seeded(debian)

    assert caught.value.code == "IK-CLD-002"


def test_user_data_is_held_to_the_guests_own_schema(debian: MemoryGuest) -> None:
    debian.add(SCHEMA, '{"properties": {"runcmd": {"type": "array"}}, "additionalProperties": false}')

    with pytest.raises(Problem, match="unknown key 'runcmdd'; did you mean 'runcmd'") as caught:
        seeded(debian, user_data={"runcmdd": []})

    assert caught.value.field == "seed.user_data"


def test_a_guest_without_cloud_init_is_refused(debian13: MemoryGuest) -> None:
    with pytest.raises(Problem) as caught:
        CloudInit(datasources=("NoCloud",)).apply(debian13)

    assert caught.value.code == "IK-CLD-001"


def test_applying_twice_changes_nothing(debian: MemoryGuest, snapshot) -> None:
    step = CloudInit.model_validate(
        {
            "seed": {"meta_data": "local-hostname: web\n", "user_data": {"a": "b"}, "network_config": {"version": 1}},
            "config": {"x": [1, {"y": "z\nz\n"}]},
            "datasources": ["NoCloud", "None"],
            "enabled": True,
        }
    )
    step.apply(debian)
    first = snapshot(debian)

    step.apply(debian)

    assert snapshot(debian) == first


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"seed": {"user_data": "# cloud-config\nx: 1\n"}}, "would ignore it"),
        ({"seed": {"user_data": "#cloud-config\na: [\n"}}, "not valid YAML"),
        ({"seed": {"meta_data": {"instance_id": "x"}}}, "it is written 'instance-id'"),
        ({"seed": {"meta_data": {"hostname": Secret("x", "n")}}}, "takes no secret"),
        ({"seed": {"network_config": {"ethernets": {}}}}, "version: 1 or version: 2"),
        ({"seed": {}, "datasources": ["Ec2"]}, "names NoCloud"),
        ({"seed": {}, "enabled": False}, "of no use"),
        ({"config": {"datasource_list": ["NoCloud"]}}, "as datasources"),
        ({"datasources": ["No Cloud"]}, "pattern"),
    ],
)
def test_what_would_not_work_in_any_image_is_refused(fields: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        CloudInit.model_validate(fields)
