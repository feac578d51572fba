"""The identity of every family, on real images of the phony guests: before, after, and once more.

No program of such a guest runs, for all of them are empty; agents and drivers are held against guests with programs.
``pytest --log-cli-level=INFO`` shows what each plan would change.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

import imagekit
from imagekit.appliance.opening import open_session
from imagekit.appliance.session import Disk, Settings
from imagekit.images.workspace import Workspace
from imagekit.testing.phony import guest_names, load_guest, write_tar

if TYPE_CHECKING:
    from pathlib import Path

    from imagekit.engine.planning import PlanReport

pytestmark = [pytest.mark.appliance]

LOG = logging.getLogger(__name__)
DISK_BYTES = 96 << 20
SPEC = """\
version: 1
transforms:
  - machine-id
  - ssh-host-keys
"""
CLOUD = """\
  - cloud-init: {datasources: [NoCloud, None]}
"""
ID = "1f2e3d4c5b6a4798a1b2c3d4e5f60718"
KEY = "/etc/ssh/ssh_host_ed25519_key"


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A small image of each phony guest as if it had been booted once: an id, and a host key. Shared: never write to it."""
    folder = tmp_path_factory.mktemp("families")
    return {name: _image(name, folder) for name in guest_names()}


def _image(name: str, folder: Path) -> Path:
    guest = load_guest(name)
    guest.write("/etc/machine-id", f"{ID}\n")
    guest.write(KEY, "a private key\n")
    guest.chmod(0o600, KEY)
    guest.write(f"{KEY}.pub", "ssh-ed25519 AAAA root@phony\n")
    image, tar = folder / f"{name}.img", folder / f"{name}.tar"
    write_tar(guest, tar)
    with image.open("wb") as file:
        file.truncate(DISK_BYTES)
    with (
        Workspace.scratch() as workspace,
        open_session((Disk(image, "raw"),), Settings(), workspace.runtime, guard=workspace) as session,
    ):
        session.call("mkfs", "ext4", "/dev/sda")
        session.call("mount", "/dev/sda", "/")
        session.call("tar_in", str(tar), "/", xattrs=True)
        session.shutdown()
    return image


def _spec_for(name: str, folder: Path) -> Path:
    spec = folder / "spec.yaml"
    clouded = load_guest(name).exists("/usr/bin/cloud-init")
    spec.write_text(SPEC + (CLOUD if clouded else ""))
    return spec


def _told(plan: PlanReport) -> list[str]:
    return [f"{step.kind}: {change.action} {change.path}" for step in plan.steps for change in step.changes]


@pytest.mark.parametrize("name", guest_names())
def test_every_family_loses_its_identity_once_and_the_second_plan_is_empty(
    name: str, images: dict[str, Path], tmp_path: Path
) -> None:
    spec, output = _spec_for(name, tmp_path), tmp_path / "template.qcow2"
    before = imagekit.plan(images[name], spec)
    LOG.info("%s:\n%s", name, "\n".join(_told(before)))
    receipt = imagekit.customize(images[name], spec, output=output, format="qcow2")
    after = imagekit.plan(output, spec)

    changed = {change.path for step in before.steps for change in step.changes}
    assert {KEY, f"{KEY}.pub", "/etc/machine-id"} <= changed
    states = {identity.id: identity.state for identity in receipt.identities}
    assert {states[name] for name in ("machine-id", "dbus-machine-id", "ssh-host-keys")} == {"blank"}
    assert _told(after) == []
    assert after.empty
    assert ID not in output.with_name("template.qcow2.receipt.json").read_text()
