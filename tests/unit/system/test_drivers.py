from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from imagekit.diagnostics import Problem
from imagekit.system import drivers

if TYPE_CHECKING:
    from imagekit.testing.memory import MemoryGuest


@pytest.mark.parametrize(
    ("text", "policy"),
    [("", "most"), ("MODULES=dep\n", "dep"), ("#MODULES=dep\n", "most"), ('MODULES=most\nMODULES="list"\n', "list")],
)
def test_the_last_policy_counts(text: str, policy: str) -> None:
    assert drivers.modules_policy(text) == policy


def test_a_policy_in_a_drop_in_counts(debian: MemoryGuest) -> None:
    debian.add("/etc/initramfs-tools/conf.d/driver-policy", "MODULES=dep\n")

    with pytest.raises(Problem) as caught:
        drivers.check_initramfs(debian, "platforms[0]")

    assert caught.value.field == "platforms[0]"


def test_modules_that_are_listed_make_any_policy_good(debian: MemoryGuest) -> None:
    debian.add("/etc/initramfs-tools/conf.d/driver-policy", "MODULES=dep\n")
    debian.write("/etc/initramfs-tools/modules", "virtio_pci\nvirtio_blk\nvirtio_scsi\nvirtio_net\n")

    drivers.check_initramfs(debian, "platforms[0]")


def test_an_alpine_initramfs_needs_the_virtio_feature(alpine: MemoryGuest) -> None:
    drivers.check_initramfs(alpine, "platforms[0]")
    alpine.write("/etc/mkinitfs/mkinitfs.conf", 'features="ata base ext4"\n')

    with pytest.raises(Problem, match="virtio"):
        drivers.check_initramfs(alpine, "platforms[0]")


def test_an_agent_without_its_start_script_is_told(alpine: MemoryGuest) -> None:
    with pytest.raises(Problem) as caught:
        drivers.enable(alpine, drivers.Agent("qemu-guest-agent", openrc="qemu-guest-agent"))

    assert caught.value.code == "IK-DRV-003"


def test_only_what_works_is_called_supported() -> None:
    assert drivers.agent_of("kvm", "debian") is not None
    assert drivers.agent_of("kvm", "rhel") is None
    assert drivers.agent_of("vmware", "debian") is None
