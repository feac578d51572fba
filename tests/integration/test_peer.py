"""What a default virt-sysprep does to a Debian 12, and what imagekit does instead."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

import imagekit

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.appliance, pytest.mark.boots]

SPEC = "version: 1\nname: template\ntransforms: [machine-id, ssh-host-keys]\n"
WITNESSED = ("/etc/machine-id", "/etc/ssh/ssh_host_*_key")


def _keys(files) -> set[str]:
    return {path for path in files if path.startswith("/etc/ssh/ssh_host_")}


@pytest.fixture(scope="module")
def workdir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("peer")


@pytest.fixture(scope="module")
def theirs(debian_12_nocloud: Path, workdir: Path) -> Path:
    image = workdir / "theirs.qcow2"
    shutil.copy(debian_12_nocloud, image)
    # The peer has to be told by hand that KVM does not work; imagekit finds out by itself.
    environment = {**os.environ, "LIBGUESTFS_BACKEND": "direct", "LIBGUESTFS_BACKEND_SETTINGS": "force_tcg"}
    subprocess.run(["virt-sysprep", "--quiet", "-a", image], check=True, env=environment, timeout=600)
    return image


@pytest.fixture(scope="module")
def ours(debian_12_nocloud: Path, workdir: Path) -> Path:
    spec = workdir / "spec.yaml"
    spec.write_text(SPEC)
    imagekit.customize(debian_12_nocloud, spec, output=workdir / "ours.qcow2")
    return workdir / "ours.qcow2"


@pytest.fixture(scope="module")
def their_clone(theirs: Path, workdir: Path, first_boot):
    return first_boot(theirs, workdir, name="their-clone")


@pytest.fixture(scope="module")
def our_clone(ours: Path, workdir: Path, first_boot):
    return first_boot(ours, workdir, name="our-clone", mac="52:54:00:00:02:02")


def test_the_peer_leaves_one_fixed_machine_id_for_every_clone(theirs: Path, their_clone, look_at_image) -> None:
    image = look_at_image(theirs, WITNESSED)
    clone = look_at_image(their_clone.disk, WITNESSED)

    assert re.fullmatch(rb"[0-9a-f]{32}\n", image["/etc/machine-id"].content)
    assert clone["/etc/machine-id"].content == image["/etc/machine-id"].content


def test_the_peer_takes_the_host_keys_away_for_good(theirs: Path, their_clone, look_at_image) -> None:
    assert not _keys(look_at_image(theirs, WITNESSED))
    assert not _keys(look_at_image(their_clone.disk, WITNESSED))
    assert their_clone.result.report.units["ssh.service"] != "active"


def test_ours_leaves_no_machine_id_and_the_clone_makes_one(ours: Path, our_clone, look_at_image) -> None:
    image = look_at_image(ours, WITNESSED)
    clone = look_at_image(our_clone.disk, WITNESSED)

    assert image["/etc/machine-id"].content == b""
    assert re.fullmatch(rb"[0-9a-f]{32}\n", clone["/etc/machine-id"].content)


def test_ours_leaves_no_host_keys_and_the_clone_makes_them(ours: Path, our_clone, look_at_image) -> None:
    assert not _keys(look_at_image(ours, WITNESSED))
    assert {"/etc/ssh/ssh_host_ed25519_key", "/etc/ssh/ssh_host_rsa_key"} <= _keys(
        look_at_image(our_clone.disk, WITNESSED)
    )
    assert our_clone.result.report.units["ssh.service"] == "active"
    assert our_clone.result.report.failed == ()


def test_audit_names_what_the_peer_leaves_every_clone_to_share(theirs: Path) -> None:
    report = imagekit.audit(theirs)

    found = {finding.rule: finding for finding in report.standing}
    assert not report.passed
    assert found["machine-id"].severity == "error"
    assert re.fullmatch("[0-9a-f]{32}", found["machine-id"].recognised)
    assert found["ssh-host-keys-lost"].severity == "error"
    assert found["ssh-host-keys-lost"].mend
