"""A template made of the real Debian 13, and one clone of it booted.

Debian 13 makes host keys in a unit with ``ConditionFirstBoot=yes``, which an empty machine-id does not meet
(machine-id(5), "First Boot Semantics"), and its cloud-init finds no seed here: nobody but our unit makes them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

import imagekit

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.appliance, pytest.mark.boots]

SPEC = "version: 1\nname: template\ntransforms: [machine-id, ssh-host-keys]\n"
KEYS = "/etc/ssh/ssh_host_*_key"
WITNESSED = ("/etc/machine-id", "/var/lib/dbus/machine-id", "/etc/os-release", KEYS)


def _keys(files) -> dict[str, bytes]:
    return {path: seen.content for path, seen in files.items() if path.startswith("/etc/ssh/ssh_host_")}


@pytest.fixture(scope="module")
def template(debian_13: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    workdir = tmp_path_factory.mktemp("debian-13")
    spec = workdir / "template.yaml"
    spec.write_text(SPEC)
    imagekit.customize(debian_13, spec, output=workdir / "template.qcow2")
    return workdir / "template.qcow2"


@pytest.fixture(scope="module")
def clone(template: Path, first_boot):
    return first_boot(template, template.parent, name="debian-13-clone", mac="52:54:00:00:13:01")


@pytest.fixture(scope="module")
def looks(debian_13: Path, template: Path, clone, look_at_images):
    """The base, the template and the booted clone, as one appliance of the witness sees them."""
    return look_at_images({debian_13: WITNESSED, template: WITNESSED, clone.disk: WITNESSED})


def test_the_template_has_an_empty_machine_id_and_no_host_key(looks) -> None:
    base, template, _ = looks

    assert b"VERSION_CODENAME=trixie\n" in base["/etc/os-release"].content
    assert template["/etc/machine-id"].content == b""
    assert template["/etc/machine-id"].mode == 0o444
    assert template["/var/lib/dbus/machine-id"].target == "/etc/machine-id"
    assert _keys(base)
    assert not _keys(template)


def test_the_clone_comes_up_with_no_failed_unit_and_sshd(clone) -> None:
    assert clone.result.ended == "powered-off", clone.result.serial[-2000:]
    assert clone.result.report.failed == ()
    assert clone.result.report.units["multi-user.target"] == "active"
    assert clone.result.report.units["ssh.service"] == "active"


def test_the_clone_has_a_machine_id_of_its_own(looks, clone) -> None:
    base, _, booted = looks

    assert re.fullmatch(rb"[0-9a-f]{32}\n", booted["/etc/machine-id"].content)
    assert booted["/etc/machine-id"].content != base["/etc/machine-id"].content
    assert booted["/etc/machine-id"].content.decode() == f"{clone.result.report.machine_id}\n"


def test_host_keys_come_back_although_an_empty_machine_id_is_no_first_boot(looks) -> None:
    base, _, booted = looks
    made = _keys(booted)

    assert {"/etc/ssh/ssh_host_ed25519_key", "/etc/ssh/ssh_host_rsa_key"} <= set(made)
    assert all(content.startswith(b"-----BEGIN OPENSSH PRIVATE KEY-----") for content in made.values())
    assert not set(made.values()) & set(_keys(base).values())
