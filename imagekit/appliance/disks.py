"""What is on the disks: partitions, whole-disk file systems, LUKS, LVM, MD and btrfs subvolumes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from imagekit.appliance.channel import VerbRefused
from imagekit.errors import ImageError, SpecError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from imagekit.appliance.session import Session

LINUX_TYPES = frozenset({"ext2", "ext3", "ext4", "xfs", "btrfs", "f2fs", "jfs", "reiserfs"})
"""Types that can hold a Linux system."""


class LuksKeyWrong(SpecError):
    """A key does not open the encrypted device that it is for."""

    code = "IK-IMG-043"

    def __init__(self, device: str) -> None:
        self.device = device
        super().__init__(f"the key for {device} does not open it", fix=f"give the right one: --key {device}=file:PATH")


class Hibernated(ImageError):
    """A swap device holds a sleeping system."""

    code = "IK-IMG-044"

    def __init__(self, device: str) -> None:
        self.device = device
        super().__init__(
            f"the system in this image is hibernated: {device} holds its memory",
            why="when it wakes up it writes what it remembers over any change",
            fix="boot it and shut it down",
        )


@dataclass(frozen=True, slots=True)
class Filesystem:
    """One thing that a file system, swap or container may be on, as blkid(8) sees it.

    ``device`` is guestfs(3)'s name, ``/dev/sda1`` or ``/dev/vg/lv``.
    """

    device: str
    type: str
    uuid: str = ""
    label: str = ""
    partuuid: str = ""
    partlabel: str = ""

    def answers_to(self, spec: str) -> bool:
        r"""Tell whether an fstab(5) spec means this one; udev(7) writes blanks in the names below /dev/disk as ``\x20``."""
        tag, equals, value = spec.partition("=")
        if equals and not spec.startswith("/"):
            mine = {"UUID": self.uuid, "LABEL": self.label, "PARTUUID": self.partuuid, "PARTLABEL": self.partlabel}
            known = mine.get(tag, "")
            return bool(value) and (known.lower() == value.lower() if "UUID" in tag else known == value)
        for folder, known in (
            ("/dev/disk/by-uuid/", self.uuid),
            ("/dev/disk/by-label/", self.label),
            ("/dev/disk/by-partuuid/", self.partuuid),
            ("/dev/disk/by-partlabel/", self.partlabel),
        ):
            if spec.startswith(folder):
                name = re.sub(r"\\x([0-9a-f]{2})", lambda byte: chr(int(byte[1], 16)), spec.removeprefix(folder))
                return bool(known) and name == known
        return plain_name(spec) == plain_name(self.device)


def plain_name(device: str) -> str:
    """Return one spelling for one device: LVM's two forms, and the letters that each hypervisor's bus gives."""
    mapped = re.fullmatch(r"/dev/mapper/((?:[^-]|--)+)-((?:[^-]|--)+)", device)
    if mapped:
        return f"/dev/{mapped[1].replace('--', '-')}/{mapped[2].replace('--', '-')}"
    disk = re.fullmatch(r"/dev/(?:[hsv]|xv)d([a-z])(\d*)", device)
    return f"/dev/sd{disk[1]}{disk[2]}" if disk else device


def _describe(session: Session, device: str) -> Filesystem:
    try:
        tags = session.call("blkid", device)
    except VerbRefused:
        return Filesystem(device, "")
    return Filesystem(
        device,
        tags.get("TYPE", ""),
        tags.get("UUID", ""),
        _unescaped(tags.get("LABEL", "")),
        tags.get("PART_ENTRY_UUID", ""),
        _unescaped(tags.get("PART_ENTRY_NAME", "")),
    )


def _unescaped(value: str) -> str:
    """Undo what blkid(8) does to blanks, quotes and the like in its export format, which guestfs passes on."""
    return re.sub(r"\\(.)", r"\1", value)


def _block_devices(session: Session) -> list[str]:
    """Return partitions, and disks that have none."""
    partitions: list[str] = session.call("list_partitions")
    disks: list[str] = session.call("list_devices")
    bare = [disk for disk in disks if not any(p.startswith(disk) and p != disk for p in partitions)]
    return [*partitions, *bare]


def survey(session: Session, keys: Mapping[str, bytes]) -> tuple[Filesystem, ...]:
    """Return everything on the disks, with LUKS opened where a key was given and LVM activated.

    Args:
        session: a launched one.
        keys: device name (``/dev/sda2``) or UUID -> passphrase or key file content.

    Raises:
        LuksKeyWrong: a key does not fit.
        Hibernated: a swap device holds a hibernated system.
    """
    found = [_describe(session, device) for device in _block_devices(session)]
    found += [_describe(session, device) for device in _opened(session, found, keys)]
    if any(f.type == "linux_raid_member" for f in found):
        found += [_describe(session, device) for device in session.call("list_md_devices")]
    if any(f.type == "LVM2_member" for f in found):
        session.call("lvm_scan", True)
        found += [_describe(session, device) for device in session.call("lvs")]
    for filesystem in found:
        if filesystem.type == "swsuspend":
            raise Hibernated(filesystem.device)
    return tuple(found)


def _opened(session: Session, found: list[Filesystem], keys: Mapping[str, bytes]) -> Iterator[str]:
    """Open each encrypted device that there is a key for, and yield the names of what is inside."""
    for number, filesystem in enumerate(f for f in found if f.type == "crypto_LUKS"):
        key = keys.get(filesystem.device) or keys.get(filesystem.uuid) or keys.get("all")
        if key is None:
            continue
        name = f"imagekit{number}"
        try:
            session.call("cryptsetup_open", filesystem.device, key.decode(), name)
        except (VerbRefused, UnicodeDecodeError) as refused:
            raise LuksKeyWrong(filesystem.device) from refused
        yield f"/dev/mapper/{name}"


def subvolumes(session: Session, filesystem: Filesystem) -> tuple[str, ...]:
    """Return the mountables of a btrfs file system's subvolumes; () for other types, and for one that is damaged.

    Left out are snapshots, and the default subvolume, which is what mounting the device shows.
    """
    if filesystem.type != "btrfs":
        return ()
    try:
        listed = session.call("btrfs_subvolume_list", filesystem.device)
        default = session.call("btrfs_subvolume_get_default", filesystem.device)
    except VerbRefused:
        return ()
    paths = sorted(entry["btrfssubvolume_path"] for entry in listed if entry["btrfssubvolume_id"] != default)
    return tuple(f"btrfsvol:{filesystem.device}/{path}" for path in paths if "snapshot" not in path.lower())
