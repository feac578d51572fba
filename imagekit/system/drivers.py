"""Agents and drivers per platform: which package, what starts it, and whether the initramfs holds the drivers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from imagekit.diagnostics import Problem
from imagekit.system import units
from imagekit.system.text import read_text

if TYPE_CHECKING:
    from imagekit.guest.facts import Family
    from imagekit.guest.protocol import Guest

VIRTIO_MODULES = ("virtio_pci", "virtio_blk", "virtio_scsi", "virtio_net")
"""What a guest needs to find its disk and its network under KVM with the usual virtio devices."""


@dataclass(frozen=True, slots=True)
class Agent:
    """A platform's agent in one family.

    Attributes:
        package: its name there.
        openrc: the service to put into the default runlevel; "" where the package starts it by itself.
    """

    package: str
    openrc: str = ""


AGENTS: dict[tuple[str, Family], Agent] = {
    # Debian's unit has no [Install] entries: udev starts it with the port org.qemu.guest_agent.0.
    ("kvm", "debian"): Agent("qemu-guest-agent"),
    ("kvm", "alpine"): Agent("qemu-guest-agent", openrc="qemu-guest-agent"),
}


def agent_of(platform: str, family: Family) -> Agent | None:
    """Return a platform's agent in a family; None if it is not supported yet."""
    return AGENTS.get((platform, family))


def supported() -> str:
    """Return what is supported, in words."""
    return ", ".join(f"{platform} for {family}" for platform, family in AGENTS)


def enable(guest: Guest, agent: Agent) -> None:
    """Have an installed agent start at boot, where its package does not see to it.

    Raises:
        Problem: its start script is not there.
    """
    if not agent.openrc:
        return
    if not guest.exists(f"/etc/init.d/{agent.openrc}"):
        raise Problem(
            "platforms",
            f"{agent.package} is installed, but there is no /etc/init.d/{agent.openrc}",
            fix=f"install {agent.package}-openrc in an earlier step",
            code="IK-DRV-003",
        )
    units.enable_openrc(guest, agent.openrc, "default")


def check_initramfs(guest: Guest, field: str) -> None:
    """Look whether the tool that makes this guest's initramfs is set to put the virtio drivers in.

    Raises:
        Problem: it is not, at ``field``.
    """
    # mkinitramfs(8) reads the drop-ins after the main file, so theirs is the last word.
    settings = ("/etc/initramfs-tools/initramfs.conf", *guest.glob_expand("/etc/initramfs-tools/conf.d/*"))
    policy = modules_policy("\n".join(read_text(guest, path) for path in settings))
    listed = set(read_text(guest, "/etc/initramfs-tools/modules").split())
    if policy in {"dep", "list"} and not listed.issuperset(VIRTIO_MODULES):
        raise Problem(
            field,
            f"the initramfs of this image is made with MODULES={policy}, so it may lack the virtio drivers",
            why="dep keeps the drivers of the machine that made it; list only those of /etc/initramfs-tools/modules",
            fix="set MODULES=most in /etc/initramfs-tools/initramfs.conf and run update-initramfs -u in earlier steps",
            code="IK-DRV-002",
        )
    features = mkinitfs_features(read_text(guest, "/etc/mkinitfs/mkinitfs.conf"))
    if features and "virtio" not in features:
        raise Problem(
            field,
            "the initramfs of this image is made without the feature virtio",
            why=f"/etc/mkinitfs/mkinitfs.conf asks for {' '.join(features)}",
            fix="add virtio to features there and run mkinitfs in earlier steps",
            code="IK-DRV-002",
        )


def modules_policy(text: str) -> str:
    """Return the last MODULES= of initramfs.conf(5) texts; ``most`` is the default."""
    found = re.findall(r"^\s*MODULES=[\"']?(\w+)", text, re.MULTILINE)
    return found[-1] if found else "most"


def mkinitfs_features(text: str) -> tuple[str, ...]:
    """Return the features that Alpine's mkinitfs.conf asks for; () if it says nothing."""
    found = re.findall(r"^\s*features=[\"']?([^\"'\n]*)", text, re.MULTILINE)
    return tuple(found[-1].split()) if found else ()
