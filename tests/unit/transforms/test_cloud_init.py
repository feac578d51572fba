from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import pytest
from pydantic import ValidationError

from imagekit.diagnostics import Problem
from imagekit.secret import Secret
from imagekit.system import yamltext
from imagekit.testing.memory import File, Link, MemoryGuest
from imagekit.transforms.cloud_init import Clean, CloudInit

if TYPE_CHECKING:
    from pathlib import Path

SEED = "/var/lib/cloud/seed/nocloud"
PACKAGE = "/usr/lib/python3/dist-packages/cloudinit"
SCHEMA = f"{PACKAGE}/config/schemas/schema-cloud-config-v1.json"
NETPLAN = "/etc/netplan/50-cloud-init.yaml"


def seeded(guest: MemoryGuest, **seed: object) -> dict[str, bytes]:
    CloudInit.model_validate({"seed": seed}).apply(guest)
    return {name: guest.read_file(f"{SEED}/{name}") for name in guest.ls(SEED)}


def refused(guest: MemoryGuest, **fields: object) -> Problem:
    with pytest.raises(Problem) as caught:
        CloudInit.model_validate(fields).apply(guest)
    return caught.value


def told(guest: MemoryGuest, **fields: object) -> list[str]:
    step = CloudInit.model_validate(fields)
    step.apply(guest)
    return list(step.remarks(guest))


# The seed.
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


def test_a_secret_reaches_the_seed_and_nothing_else(debian: MemoryGuest) -> None:
    step = CloudInit.model_validate({"seed": {"user_data": {"password": Secret("hush", "pw")}}})

    step.apply(debian)

    assert debian.read_file(f"{SEED}/user-data") == b"#cloud-config\npassword: hush\n"
    assert "hush" not in step.model_dump_json() + repr(step) + "".join(step.remarks(debian))
    assert '"password":{"secret":"pw"}' in step.model_dump_json()


def test_a_seed_that_the_guest_would_not_read_is_refused(debian: MemoryGuest) -> None:
    debian.add("/etc/cloud/cloud.cfg.d/90_dpkg.cfg", "datasource_list: [ Ec2, None ]\n")

    assert refused(debian, seed={}).code == "IK-CLD-002"


def test_user_data_is_held_to_the_guests_own_schema(debian: MemoryGuest) -> None:
    debian.add(SCHEMA, '{"properties": {"runcmd": {"type": "array"}}, "additionalProperties": false}')

    problem = refused(debian, seed={"user_data": {"runcmdd": []}})

    assert problem.message == "unknown key 'runcmdd'; did you mean 'runcmd'?"
    assert problem.field == "seed.user_data.runcmdd"


# What the last instance left.
def test_the_last_instance_is_forgotten_and_the_seed_kept(debian: MemoryGuest) -> None:
    debian.add("/var/lib/cloud/instances/i-old/user-data.txt", "password: hush")
    debian.add("/var/lib/cloud/instance", Link("/var/lib/cloud/instances/i-old"))
    debian.add("/var/lib/cloud/scripts/per-boot/x", "")
    debian.add(f"{SEED}/meta-data", "")

    step = CloudInit(datasources=("NoCloud",))
    step.apply(debian)

    assert debian.find("/var/lib/cloud") == (f"{SEED[:-8]}", SEED, f"{SEED}/meta-data")
    assert step.resets == ("cloud-init-state",)


def test_the_last_instance_stays_if_asked(debian: MemoryGuest) -> None:
    debian.add("/var/lib/cloud/data/instance-id", "i-old\n")
    debian.add("/var/log/cloud-init.log", "x")

    step = CloudInit.model_validate({"clean": False, "enabled": True})
    step.apply(debian)

    assert debian.exists("/var/lib/cloud/data/instance-id")
    assert debian.exists("/var/log/cloud-init.log")
    assert (step.clean, step.resets) == (None, ())


@pytest.mark.parametrize(
    ("clean", "gone"),
    [
        (True, {"logs", "configs", "scripts"}),
        ({"logs": False}, {"configs", "scripts"}),
        ({"configs": False}, {"logs", "scripts"}),
        ({"scripts": False}, {"logs", "configs"}),
        ({"seed": True}, {"logs", "configs", "scripts", "seed"}),
    ],
)
def test_what_is_forgotten_may_be_chosen(debian: MemoryGuest, clean: object, gone: set[str]) -> None:
    places = {
        "logs": "/var/log/cloud-init.log",
        "configs": "/etc/sudoers.d/90-cloud-init-users",
        "scripts": "/var/lib/cloud/scripts/per-once/x",
        "seed": f"{SEED}/meta-data",
    }
    for path in places.values():
        debian.add(path, "x")

    CloudInit.model_validate({"clean": clean}).apply(debian)

    assert {name for name, path in places.items() if not debian.exists(path)} == gone


def test_a_seed_survives_the_removal_of_all_seeds_with_its_instance_id(debian: MemoryGuest) -> None:
    debian.add("/var/lib/cloud/seed/nocloud-net/meta-data", "")
    step = CloudInit.model_validate({"seed": {}, "clean": {"seed": True}})
    step.apply(debian)
    first = debian.read_file(f"{SEED}/meta-data")

    step.apply(debian)

    assert debian.ls("/var/lib/cloud/seed") == ("nocloud",)
    assert debian.read_file(f"{SEED}/meta-data") == first


@pytest.mark.parametrize("off", [{"enabled": False}, {"config": {"network": {"config": "disabled"}}}])
def test_a_network_that_nobody_would_render_anew_stays_and_is_told_of(
    ubuntu: MemoryGuest, off: dict[str, object]
) -> None:
    remarks = told(ubuntu, **off)

    assert ubuntu.exists(NETPLAN)
    assert [remark for remark in remarks if NETPLAN in remark] != []


def test_a_network_that_cloud_init_renders_anew_goes(ubuntu: MemoryGuest) -> None:
    remarks = told(ubuntu)

    assert not ubuntu.exists(NETPLAN)
    assert remarks == []


# Where it looks, what it is told, whether it runs.
def test_datasources_stand_on_one_line_and_win_over_what_the_distribution_ships(debian: MemoryGuest) -> None:
    debian.add("/etc/cloud/cloud.cfg.d/90_dpkg.cfg", "datasource_list: [ Ec2 ]\n")

    CloudInit.model_validate({"datasources": ["NoCloud", "None"], "seed": {}}).apply(debian)

    assert debian.read_file("/etc/cloud/cloud.cfg.d/99_imagekit_datasources.cfg") == (
        b"datasource_list: [ NoCloud, None ]\n"
    )


def test_a_datasource_that_the_guest_has_not_is_refused_with_the_nearest(debian: MemoryGuest) -> None:
    for name in ("NoCloud", "None", "Ec2"):
        debian.add(f"{PACKAGE}/sources/DataSource{name}.py", "")

    problem = refused(debian, datasources=["None", "nocloud"])

    assert (problem.field, problem.code, problem.fix) == ("datasources[1]", "IK-CLD-007", "did you mean NoCloud?")


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/etc/cloud/ds-identify.cfg", "datasource: Ec2\n"),
        ("/etc/cloud/cloud.cfg.d/zz.cfg", "datasource_list: [ Ec2 ]\n"),
        ("/etc/cloud/cloud.cfg.d/zz.cfg", "datasource_list:\n- NoCloud\n"),
    ],
)
def test_a_file_that_wins_over_the_datasources_is_refused(debian: MemoryGuest, path: str, text: str) -> None:
    debian.add(path, text)

    assert refused(debian, datasources=["NoCloud"]).code == "IK-CLD-008"


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


def test_a_guest_without_cloud_init_is_refused(debian13: MemoryGuest) -> None:
    assert refused(debian13, datasources=["NoCloud"]).code == "IK-CLD-001"


# What its author is told.
def test_the_author_of_a_seed_learns_that_no_disk_can_change_its_identity(debian: MemoryGuest) -> None:
    (remark,) = told(debian, seed={})

    assert "one and the same instance" in remark
    assert "cannot change its instance-id and host name" in remark


def test_a_seed_that_was_there_before_is_told_of_with_its_remedy(debian: MemoryGuest) -> None:
    debian.add(f"{SEED}/meta-data", "")

    assert any("clean: {seed: true}" in remark for remark in told(debian))
    assert told(debian, clean={"seed": True}) == []


def test_an_address_in_a_seed_is_told_of(debian: MemoryGuest) -> None:
    network = {"version": 2, "ethernets": {"a": {"match": {"macaddress": "52:54:00:12:34:56"}}}}

    assert any("no clone of it has it" in remark for remark in told(debian, seed={"network_config": network}))


@pytest.mark.parametrize(
    ("path", "entry", "said"),
    [
        ("/etc/cloud/cloud-init.disabled", "", "enabled: true switches it on"),
        ("/etc/cloud/clean.d/50-mine", File("", 0o755), "which was not done"),
        ("/etc/cloud/cloud.cfg.d/x.cfg", "manual_cache_clean: true\n", "takes itself for that machine"),
    ],
)
def test_what_a_clone_may_surprise_with_is_told(debian: MemoryGuest, path: str, entry: str | File, said: str) -> None:
    debian.add(path, entry)

    assert [said in remark for remark in told(debian)] == [True]


# All of it.
@pytest.mark.parametrize("name", ["debian", "ubuntu", "rocky"])
def test_applying_twice_changes_nothing(request, snapshot, name: str) -> None:
    guest = request.getfixturevalue(name)
    step = CloudInit.model_validate(
        {
            "seed": {"meta_data": "local-hostname: web\n", "user_data": {"a": "b"}, "network_config": {"version": 2}},
            "config": {"x": [1, {"y": "z\nz\n"}]},
            "datasources": ["NoCloud", "None"],
            "clean": {"seed": True},
            "enabled": True,
        }
    )
    step.apply(guest)
    first = snapshot(guest)

    step.apply(guest)

    assert snapshot(guest) == first


def test_what_is_cleaned_is_written_in_a_receipt_as_a_spec_takes_it() -> None:
    for clean in (True, False, {"seed": True}):
        step = CloudInit.model_validate({"clean": clean})

        assert CloudInit.model_validate_json(step.model_dump_json()) == step
    assert CloudInit().clean == Clean()


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"seed": {"user_data": "# cloud-config\nx: 1\n"}}, r"would ignore it.*line 1, column 1"),
        ({"seed": {"user_data": "#cloud-config\na: [\n"}}, r"not valid YAML.*line 3, column 1"),
        ({"seed": {"meta_data": {"instance_id": "x"}}}, "it is written 'instance-id'"),
        ({"seed": {"meta_data": {"hostname": Secret("x", "n")}}}, "takes no secret"),
        ({"seed": {"network_config": {"ethernets": {}}}}, "version: 1 or version: 2"),
        ({"seed": {}, "datasources": ["Ec2"]}, "names NoCloud"),
        ({"seed": {}, "enabled": False}, "of no use"),
        ({"config": {"datasource_list": ["NoCloud"]}}, "as datasources"),
        ({"config": {"network": {"version": 3}}}, "config.network: a network configuration says"),
        (
            {"config": {"network": {"version": 2, "ethernets": {"a": {"match": {"macaddress": "52:54:00:12:34:56"}}}}}},
            r"config\.network\.ethernets\.a\.match\.macaddress is the address of one machine",
        ),
        ({"config": {"network": {"version": 2}}, "seed": {"network_config": {"version": 2}}}, "give one of them"),
        ({"datasources": ["No Cloud"]}, "pattern"),
        ({"clean": {"everything": True}}, "Extra inputs"),
    ],
)
def test_what_would_not_work_in_any_image_is_refused(fields: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        CloudInit.model_validate(fields)


def test_a_fault_of_a_file_names_the_file_and_of_a_mapping_no_line(tmp_path: Path) -> None:
    (tmp_path / "ud").write_text("#cloud-config\na: [\n")

    with pytest.raises(ValidationError, match="line 3, column 1 of ud"):
        CloudInit.model_validate({"seed": {"user_data": {"file": "ud"}}}, context={"folder": tmp_path})
    with pytest.raises(ValidationError) as caught:
        CloudInit.model_validate({"seed": {"meta_data": {"a": "b", "dsmode": "x"}}})
    assert "line" not in caught.value.errors()[0]["msg"]
