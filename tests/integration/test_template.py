"""A template made of a real Debian, and two clones of it booted: what the product is for.

Debian 12 each time; Debian 13 in the longer proofs, for one clone of it is booted by ``test_debian_13.py``.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING

import pytest

import imagekit
from imagekit.images.seed import write_seed_iso

if TYPE_CHECKING:
    from pathlib import Path

    from imagekit.receipt import Receipt

pytestmark = [pytest.mark.appliance, pytest.mark.boots]

SPEC = """\
version: 1
name: template
transforms:
  - machine-id
  - ssh-host-keys
  - hostname: template
  - packages: {install: [hello]}
  - guest-drivers: [kvm]
  - cloud-init: {datasources: [NoCloud, None], clean: true}
  - write-files:
      - {path: /etc/motd, content: "made by imagekit\\n"}
  - run: "echo built > /root/built"
"""
KEYS = "/etc/ssh/ssh_host_*_key"
IDENTITIES = ("/etc/machine-id", "/var/lib/dbus/machine-id", KEYS)
WITNESSED = (
    *IDENTITIES,
    "/etc/hostname",
    "/etc/motd",
    "/root/built",
    "/usr/bin/hello",
    "/usr/sbin/qemu-ga",
    "/root/seeded",
    "/etc/resolv.conf",
)
CLONES = ("clone-a", "clone-b")


def _digest(path: Path) -> str:
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


@pytest.fixture(scope="module", params=["debian_12", pytest.param("debian_13", marks=pytest.mark.proof)])
def base(request: pytest.FixtureRequest) -> Path:
    image: Path = request.getfixturevalue(request.param)
    return image


@pytest.fixture(scope="module")
def workdir(base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("template")


@pytest.fixture(scope="module")
def base_digest(base: Path) -> str:
    return _digest(base)


@pytest.fixture(scope="module")
def receipt(base: Path, workdir: Path, base_digest: str) -> Receipt:
    spec = workdir / "template.yaml"
    spec.write_text(SPEC)
    return imagekit.customize(base, spec, output=workdir / "template.qcow2")


@pytest.fixture(scope="module")
def template(receipt: Receipt, workdir: Path) -> Path:
    return workdir / "template.qcow2"


@pytest.fixture(scope="module")
def offline(template: Path, look_at_image):
    return look_at_image(template, WITNESSED)


@pytest.fixture(scope="module")
def clones(template: Path, workdir: Path, first_boot, plant_probe):
    planted = plant_probe(template, workdir)
    booted = []
    for number, name in enumerate(CLONES, 1):
        seed = workdir / f"{name}.iso"
        write_seed_iso(
            seed,
            user_data=f"#cloud-config\nwrite_files:\n  - {{path: /root/seeded, content: {name}}}\n".encode(),
            meta_data=f"instance-id: {name}\nlocal-hostname: {name}\n".encode(),
        )
        uuid = f"0b000000-0000-4000-8000-00000000000{number}"
        booted.append(
            first_boot(planted, workdir, name=name, seed=seed, mac=f"52:54:00:00:01:0{number}", uuid=uuid, planted=True)
        )
    return booted


@pytest.fixture(scope="module")
def clone_files(clones, look_at_image):
    return [look_at_image(clone.disk, WITNESSED) for clone in clones]


def test_the_base_is_byte_identical(template: Path, base: Path, base_digest: str) -> None:
    assert _digest(base) == base_digest


def test_the_template_has_no_identity_of_its_own(offline) -> None:
    assert offline["/etc/machine-id"].content == b""
    assert offline["/etc/machine-id"].mode == 0o444
    assert offline["/var/lib/dbus/machine-id"].target == "/etc/machine-id"
    assert not [path for path in offline if path.startswith("/etc/ssh/ssh_host")]


def test_the_template_has_what_the_spec_says(offline) -> None:
    assert offline["/etc/hostname"].content == b"template\n"
    assert offline["/etc/motd"].content == b"made by imagekit\n"
    assert offline["/root/built"].content == b"built\n"
    assert offline["/usr/bin/hello"].mode == 0o755
    assert offline["/usr/sbin/qemu-ga"].mode == 0o755


def test_the_receipt_describes_the_output_and_stands_beside_it(receipt: Receipt, template: Path) -> None:
    written = json.loads(template.with_name("template.qcow2.receipt.json").read_text())

    assert receipt.output is not None
    assert written["output"]["sha256"] == receipt.output.sha256 == _digest(template)
    assert [step.kind for step in receipt.steps if not step.automatic] == [
        "hostname", "packages", "guest-drivers", "write-files", "run", "cloud-init", "ssh-host-keys", "machine-id"
    ]  # fmt: skip
    states = {identity.id: identity.state for identity in receipt.identities}
    assert {states[which] for which in ("machine-id", "dbus-machine-id", "ssh-host-keys", "cloud-init-state")} == {
        "blank"
    }


def test_a_second_plan_is_empty(receipt: Receipt, template: Path) -> None:
    again = imagekit.plan(template, template.with_name("template.yaml"))

    assert [(step.kind, step.changes) for step in again.steps if step.changes and not step.volatile] == []
    assert again.empty


def test_the_receipt_holds_no_machine_id_and_no_key(receipt: Receipt, template: Path) -> None:
    text = template.with_name("template.qcow2.receipt.json").read_text()

    assert "1f2e3d4c5b6a4798a1b2c3d4e5f60718" not in text
    assert "PRIVATE KEY" not in text


def test_both_clones_come_up_with_no_failed_unit_and_sshd(clones) -> None:
    for clone in clones:
        assert clone.result.ended == "powered-off", clone.result.serial[-2000:]
        assert clone.result.report.failed == ()
        assert clone.result.report.units["ssh.service"] == "active"


def test_each_clone_took_its_own_seed(clones, clone_files) -> None:
    for name, clone, files in zip(CLONES, clones, clone_files, strict=True):
        assert clone.result.report.hostname == name
        assert files["/root/seeded"].content == name.encode()


def test_each_clone_has_a_machine_id_of_its_own(clone_files) -> None:
    ids = [files["/etc/machine-id"].content for files in clone_files]

    assert all(re.fullmatch(rb"[0-9a-f]{32}\n", one) for one in ids)
    assert len(set(ids)) == len(CLONES)
    assert all(files["/var/lib/dbus/machine-id"].content == one for files, one in zip(clone_files, ids, strict=True))


def test_each_clone_has_host_keys_of_its_own(clone_files) -> None:
    keys = [
        {path: seen.content for path, seen in files.items() if path.startswith("/etc/ssh/ssh_host_")}
        for files in clone_files
    ]

    assert set(keys[0]) == set(keys[1])
    assert {"/etc/ssh/ssh_host_ed25519_key", "/etc/ssh/ssh_host_rsa_key"} <= set(keys[0])
    assert not set(keys[0].values()) & set(keys[1].values())


def test_what_resolves_names_in_the_guest_is_as_it_was(offline, base: Path, look_at_image) -> None:
    assert look_at_image(base, ["/etc/resolv.conf"])["/etc/resolv.conf"] == offline["/etc/resolv.conf"]
