"""The four transforms on a real Debian without a network: what has to be installed comes from a folder of the host."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import pytest

import imagekit

if TYPE_CHECKING:
    from pathlib import Path

    from imagekit.receipt import Receipt

pytestmark = [pytest.mark.appliance, pytest.mark.proof]

AGENT = "qemu-guest-agent"
SPEC = """\
version: 1
name: offline
transforms:
  - guest-drivers: {platforms: [kvm], agents: required, from: debs}
  - cloud-init: {datasources: [NoCloud, None], clean: true}
  - ssh-host-keys
  - machine-id
"""
OFFLINE = imagekit.Options(network=False)


@pytest.fixture(scope="module")
def base(request: pytest.FixtureRequest) -> Path:
    """The Debian of the host's own release, since the packages come from the host's mirror."""
    release = subprocess.run(["bash", "-c", ". /etc/os-release; echo $VERSION_ID"], check=True, stdout=subprocess.PIPE)
    image: Path = request.getfixturevalue(f"debian_{release.stdout.decode().strip()}")
    return image


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the spec, and below it the agent with all that it depends on, whether the guest has it or not."""
    folder = tmp_path_factory.mktemp("folder")
    debs = folder / "debs"
    debs.mkdir(mode=0o755)
    kinds = ("recommends", "suggests", "conflicts", "breaks", "replaces", "enhances")
    argv = ["apt-cache", "depends", "--recurse", *(f"--no-{kind}" for kind in kinds), AGENT]
    named = subprocess.run(argv, check=True, stdout=subprocess.PIPE, text=True).stdout
    names = sorted(set(re.findall(r"^[a-z0-9][a-z0-9.+-]*$", named, re.MULTILINE)))
    argv = ["apt-get", "-q", "-o", "APT::Sandbox::User=root", "download", *names]
    subprocess.run(argv, check=True, cwd=debs, timeout=600)
    (folder / "spec.yaml").write_text(SPEC)
    return folder


@pytest.fixture(scope="module")
def receipt(base: Path, folder: Path) -> Receipt:
    return imagekit.customize(base, folder / "spec.yaml", output=folder / "out.qcow2", options=OFFLINE)


def test_the_agent_comes_from_the_folder_and_nothing_of_the_way_stays(
    receipt: Receipt, base: Path, folder: Path, look_at_images
) -> None:
    before, after = look_at_images(
        {
            base: ["/usr/sbin/qemu-ga", "/etc/apt/sources.list*", "/etc/apt/sources.list.d/*"],
            folder / "out.qcow2": ["/usr/sbin/qemu-ga", "/etc/apt/sources.list*", "/etc/apt/sources.list.d/*"],
        }
    )

    assert before.pop("/usr/sbin/qemu-ga") is None
    assert after.pop("/usr/sbin/qemu-ga").mode == 0o755
    assert after == before
    assert {identity.state for identity in receipt.identities if identity.id == "machine-id"} == {"blank"}


def test_a_second_plan_is_empty(receipt: Receipt, folder: Path) -> None:
    again = imagekit.plan(folder / "out.qcow2", folder / "spec.yaml", options=OFFLINE)

    assert [(step.kind, step.changes) for step in again.steps if step.changes] == []
    assert again.empty
