from __future__ import annotations

import json
from pathlib import Path

import pytest
from benchmarks.contenders import files_spec, job_spec, peers, peers_environment
from benchmarks.removals import REMOVALS

from imagekit.spec import parse_spec


@pytest.fixture
def password(tmp_path: Path) -> Path:
    (tmp_path / "password").write_text("bench-only\n")
    return tmp_path / "password"


def test_the_job_is_a_right_spec_of_all_its_parts(password: Path) -> None:
    spec = parse_spec(json.dumps(job_spec({"hostname"}, password)))

    assert [entry.kind_name for entry in spec.transforms] == [
        "machine-id", "ssh-host-keys", "hostname", "delete", "write-files"
    ]  # fmt: skip


def test_a_kind_that_is_there_takes_the_place_of_a_file(password: Path) -> None:
    plain, full = (json.dumps(job_spec(kinds, password)) for kinds in (set(), {"timezone", "root-password"}))

    assert "/etc/timezone" in plain
    assert "/root/.password" in plain
    assert '{"timezone": "Europe/Paris"}' in full
    assert '{"root-password": {"password": {"secret": "root"}}}' in full
    assert "/etc/timezone" not in full
    assert "/root/.password" not in full


def test_both_sides_write_the_same_seed_and_message(password: Path) -> None:
    (files,) = (step["write-files"] for step in job_spec(set(), password)["transforms"] if "write-files" in step)
    customize = peers(Path("base.qcow2"), password, {}).commands(Path("out.qcow2"))[-1]

    seed = [file for file in files if file["path"] != "/etc/timezone" and isinstance(file["content"], str)]
    assert len(seed) == 3
    assert all(f"{file['path']}:{file['content']}" in customize for file in seed)


def test_the_peers_edit_a_copy_and_sysprep_comes_first(password: Path) -> None:
    commands = peers(Path("base.qcow2"), password, {}).commands(Path("out.qcow2"))

    assert [argv[0] for argv in commands] == ["cp", "virt-sysprep", "virt-customize"]
    assert all("base.qcow2" not in argv for argv in commands[1:])


def test_every_removal_stays_below_a_folder_that_is_kept() -> None:
    assert all(pattern.count("/") > 1 for patterns in REMOVALS.values() for pattern in patterns)


def test_each_step_of_the_growing_spec_writes_a_file_of_its_own() -> None:
    spec = parse_spec(json.dumps(files_spec(200)))

    assert len({entry.transform.files[0].path for entry in spec.transforms}) == 200  # type: ignore[union-attr]


@pytest.mark.parametrize(("accelerator", "settings"), [("tcg", "force_tcg"), ("kvm", "")])
def test_the_peers_are_given_the_accelerator_that_works(accelerator: str, settings: str) -> None:
    environment = peers_environment({"appliance": {"accelerator": accelerator}})

    assert environment["LIBGUESTFS_BACKEND"] == "direct"
    assert environment["LIBGUESTFS_BACKEND_SETTINGS"] == settings
