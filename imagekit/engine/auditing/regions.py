"""Where on a disk some bytes are: in which partition, of which file system, and whether a file of that may hold them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from imagekit.appliance.channel import VerbRefused

if TYPE_CHECKING:
    from collections.abc import Iterable

    from imagekit.appliance.session import Session
    from imagekit.identity.flaw import Device, Scene

_DISK = "/dev/sda"
_HOLDS_OTHERS = frozenset({"LVM2_member", "linux_raid_member", "crypto_LUKS", "bcache"})
"""Types, as blkid(8) calls them, of what devices of their own are made of."""
_NO_FILES = frozenset({"", "swap"})
_WORDS = {"": "nothing known", "swap": "swap space"}


@dataclass(frozen=True, slots=True)
class Region:
    """A part of the disk, from byte ``start`` up to and with byte ``last``; ``device`` is guestfs(3)'s name."""

    device: str
    start: int
    last: int


def regions_of(session: Session, size: int) -> tuple[Region, ...]:
    """Return the partitions of the disk, which is ``size`` bytes large; without a table all of it is one."""
    try:
        parts = session.call("part_list", _DISK)
    except VerbRefused:
        parts = []
    found = tuple(Region(f"{_DISK}{each['part_num']}", each["part_start"], each["part_end"]) for each in parts)
    return found or (Region(_DISK, 0, size - 1),)


def region_at(regions: Iterable[Region], offset: int) -> str:
    """Return the device at an offset of the disk; "" for what is outside of every partition."""
    inside = [region for region in regions if region.start <= offset <= region.last]
    # An extended partition lies around others.
    return min(inside, key=lambda region: region.last - region.start).device if inside else ""


def type_of(scene: Scene, device: str) -> str:
    """Return what blkid(8) calls what is on a device; "" if that is nothing known, or if there is no such device."""
    there = _device(scene, device)
    return there.type if there else ""


def mountpoint_of(scene: Scene, device: str) -> str:
    """Return where the guest mounts what is on a device; "" if nowhere."""
    there = _device(scene, device)
    return (there.mountpoint or "") if there else ""


def described(scene: Scene, device: str) -> str:
    """Return what is at a device, in a few words."""
    if not device:
        return "outside of every partition"
    kind = type_of(scene, device)
    return f"in {device} ({_WORDS.get(kind, kind)})"


def hidden(scene: Scene, device: str) -> str:
    """Return why a file that was not looked at may hold what is at a device, in one sentence; "" if none can."""
    there = _device(scene, device)
    if there is None or there.type in _NO_FILES:
        return ""
    if there.type in _HOLDS_OTHERS:
        unseen = [each.name for each in scene.devices if each.mountpoint is None and _has_files(each)]
        return f"the guest does not mount {', '.join(unseen)}, and a file there may hold it" if unseen else ""
    if there.mountpoint is None:
        return "the guest does not mount this file system, and a file there may hold it"
    if scene.root.startswith("btrfsvol:") and there.type == "btrfs":
        return "a subvolume that the guest does not mount may hold it"
    return ""


def _has_files(device: Device) -> bool:
    return device.type not in _NO_FILES | _HOLDS_OTHERS


def _device(scene: Scene, name: str) -> Device | None:
    return next((each for each in scene.devices if each.name == name), None)
