"""A personal image, with its NoCloud seed inside, booted once without any seed disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import imagekit

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.appliance, pytest.mark.boots]

SPEC = """\
version: 1
name: personal
transforms:
  - machine-id
  - ssh-host-keys
  - cloud-init:
      datasources: [NoCloud, None]
      seed:
        meta_data: {local-hostname: personal-1}
        user_data:
          write_files:
            - {path: /root/seeded, content: inside}
"""
SEED = "/var/lib/cloud/seed/nocloud"


@pytest.fixture(scope="module")
def personal(debian_12: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    workdir = tmp_path_factory.mktemp("seeded")
    spec = workdir / "personal.yaml"
    spec.write_text(SPEC)
    imagekit.customize(debian_12, spec, output=workdir / "personal.qcow2")
    return workdir / "personal.qcow2"


@pytest.fixture(scope="module")
def offline(personal: Path, look_at_image):
    return look_at_image(personal, [f"{SEED}/*", "/var/lib/cloud/instances", "/etc/machine-id"])


@pytest.fixture(scope="module")
def booted(personal: Path, first_boot):
    return first_boot(personal, personal.parent, name="personal-clone")


def test_the_seed_is_whole_and_private(offline) -> None:
    assert offline[f"{SEED}/user-data"].content.startswith(b"#cloud-config\n")
    assert b"instance-id: " in offline[f"{SEED}/meta-data"].content
    assert offline[f"{SEED}/user-data"].mode == 0o600


def test_a_second_plan_is_empty(personal: Path) -> None:
    report = imagekit.plan(personal, personal.parent / "personal.yaml")

    assert report.empty, [change.path for step in report.steps for change in step.changes]


def test_cloud_init_takes_the_seed_at_the_first_boot(booted, look_at_image) -> None:
    files = look_at_image(booted.disk, ["/root/seeded", "/etc/machine-id", "/etc/ssh/ssh_host_ed25519_key"])

    assert booted.result.report.failed == ()
    assert booted.result.report.hostname == "personal-1"
    assert booted.result.report.units["ssh.service"] == "active"
    assert files["/root/seeded"].content == b"inside"
    assert len(files["/etc/machine-id"].content) == 33
    assert files["/etc/ssh/ssh_host_ed25519_key"].content
