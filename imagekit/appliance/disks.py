"""What is on the disks: partitions, whole-disk file systems, LUKS, LVM and MD, in each other too."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from imagekit.appliance.blkid import SURVEY, parse_survey, unescaped
from imagekit.appliance.channel import VerbRefused
from imagekit.errors import ImageError, SpecError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from imagekit.appliance.session import Session

LINUX_TYPES = frozenset({"ext2", "ext3", "ext4", "xfs", "btrfs", "f2fs", "jfs", "reiserfs"})
"""Types that can hold a Linux system."""
_NO_MEMORY = re.compile(r"status 3\b|memory|signal 9|killed", re.IGNORECASE)
"""What guestfs says then: cryptsetup(8) leaves with 3, or the kernel of the appliance ends it."""

_ASSEMBLE = "mdadm -As --auto=yes --run; udevadm settle; true"
_ACTIVATE_ALL = """
export LVM_SYSTEM_DIR=/tmp/lvm
udevadm settle
mdadm -As --auto=yes --no-degraded
lvm pvscan --cache --activate ay
mdadm -As --auto=yes --run
ldmtool create all
udevadm settle
true
"""
"""What the appliance's own init does when it boots, in its order; by a warm one that was done before the disks came."""


class LuksKeyWrong(SpecError):
    """A key does not open the encrypted device that it is for."""

    code = "IK-IMG-043"

    def __init__(self, device: str) -> None:
        self.device = device
        super().__init__(f"the key for {device} does not open it", fix=f"give the right one: --key {device}=file:PATH")


class LuksNeedsMemory(ImageError):
    """To open an encrypted device takes more memory than the appliance has."""

    code = "IK-IMG-049"

    def __init__(self, device: str) -> None:
        self.device = device
        super().__init__(
            f"there is too little memory in the appliance to open {device}",
            why="LUKS makes guessing a passphrase costly by the memory that it takes, 1 GiB on most machines",
            fix="give it more: --memory 3072",
        )


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

    ``device`` is guestfs(3)'s name, ``/dev/sda1`` or ``/dev/vg/lv``; ``container`` is the encrypted device that it
    is in, and ``aliases`` are the names that the guest has for it then.
    """

    device: str
    type: str
    uuid: str = ""
    label: str = ""
    partuuid: str = ""
    partlabel: str = ""
    container: str = ""
    aliases: tuple[str, ...] = ()

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
        return spec in self.aliases or plain_name(spec) == plain_name(self.device)


def plain_name(device: str) -> str:
    """Return one spelling for one device: LVM's two forms, and the letters that each hypervisor's bus gives."""
    mapped = re.fullmatch(r"/dev/mapper/((?:[^-]|--)+)-((?:[^-]|--)+)", device)
    if mapped:
        return f"/dev/{mapped[1].replace('--', '-')}/{mapped[2].replace('--', '-')}"
    disk = re.fullmatch(r"/dev/(?:[hsv]|xv)d([a-z])(\d*)", device)
    if disk:
        return f"/dev/sd{disk[1]}{disk[2]}"
    numbered = re.fullmatch(r"/dev/(?:nvme(\d{1,2})n1|mmcblk(\d{1,2}))(?:p(\d+))?", device)
    number = int(numbered[1] or numbered[2]) if numbered else 26
    return f"/dev/sd{chr(ord('a') + number)}{numbered[3] or ''}" if numbered and number < 26 else device


def _describe(session: Session, device: str, container: str = "") -> Filesystem:
    try:
        tags = session.call("blkid", device)
    except VerbRefused:
        tags = {}
    return _filesystem(device, tags, container)


def _filesystem(device: str, tags: Mapping[str, str], container: str = "") -> Filesystem:
    return Filesystem(
        device,
        tags.get("TYPE", ""),
        tags.get("UUID", ""),
        unescaped(tags.get("LABEL", "")),
        tags.get("PART_ENTRY_UUID", ""),
        unescaped(tags.get("PART_ENTRY_NAME", "")),
        container,
    )


def _first_look(session: Session) -> list[Filesystem]:
    """Return partitions, and disks that have none: by one script where that can tell, else one by one."""
    try:
        seen = parse_survey(session.script(SURVEY))
    except VerbRefused:
        seen = None
    if seen is not None:
        return [_filesystem(device, tags) for device, tags in seen.items()]
    partitions: list[str] = session.call("list_partitions")
    disks: list[str] = session.call("list_devices")
    whole = [disk for disk in disks if not any(p.startswith(disk) and p != disk for p in partitions)]
    return [_describe(session, device) for device in (*partitions, *whole)]


def survey(session: Session, keys: Mapping[str, bytes]) -> tuple[Filesystem, ...]:
    """Return everything on the disks, with LUKS opened where a key was given and LVM activated, in each other too.

    Args:
        session: a launched one.
        keys: device name (``/dev/sda2``) or UUID -> passphrase or key file content.

    Raises:
        LuksKeyWrong: a key does not fit.
        LuksNotOpened: a device does not open for another reason.
        Hibernated: a swap device holds a hibernated system.
    """
    found: list[Filesystem] = []
    fresh = _first_look(session)
    while fresh:
        found += fresh
        known = {filesystem.device for filesystem in found}
        opened = sum(bool(filesystem.container) for filesystem in found)
        inside = _unlocked(session, fresh, keys, opened)
        assembled = [device for device in _assembled(session, fresh) if device not in known]
        fresh = [*inside, *(_describe(session, device) for device in assembled)]
    for filesystem in found:
        if filesystem.type == "swsuspend":
            raise Hibernated(filesystem.device)
    return tuple(found)


def _unlocked(session: Session, fresh: list[Filesystem], keys: Mapping[str, bytes], opened: int) -> list[Filesystem]:
    """Open each encrypted device that there is a key for, and return what is inside; ``opened`` are open already."""
    locked = [(f, keys.get(f.device) or keys.get(f.uuid) or keys.get("all")) for f in fresh if f.type == "crypto_LUKS"]
    inside = []
    for number, (filesystem, key) in enumerate(((f, key) for f, key in locked if key is not None), opened):
        name = f"imagekit{number}"
        try:
            session.call("cryptsetup_open", filesystem.device, key.decode(), name)
        except UnicodeDecodeError as refused:
            raise LuksKeyWrong(filesystem.device) from refused
        except VerbRefused as refused:
            if _NO_MEMORY.search(refused.text):
                raise LuksNeedsMemory(filesystem.device) from refused
            raise LuksKeyWrong(filesystem.device) from refused
        inside.append(_describe(session, f"/dev/mapper/{name}", filesystem.device))
    return inside


def _assembled(session: Session, fresh: list[Filesystem]) -> list[str]:
    """Return the RAID arrays and logical volumes that there are, if any of these devices is a part of one."""
    types = {filesystem.type for filesystem in fresh}
    devices: list[str] = []
    if "linux_raid_member" in types:
        session.script(_ASSEMBLE)
        devices += session.call("list_md_devices")
        devices += [name for name in session.call("list_partitions") if name.startswith("/dev/md")]
    if "LVM2_member" in types:
        session.call("lvm_scan", True)
        devices += session.call("lvs")
    return devices


def activate_all(session: Session) -> None:
    """Bring up whatever RAID arrays, logical volumes and dynamic disks there are, as a boot of the appliance does."""
    session.script(_ACTIVATE_ALL)


def with_aliases(found: tuple[Filesystem, ...], crypttab: str) -> tuple[Filesystem, ...]:
    """Return the same, where what was in an encrypted device answers to the names that the guest has for it.

    crypttab(5) names it; without a line there systemd-cryptsetup-generator(8) calls it ``luks-UUID``.
    """
    lines = [words for words in map(str.split, crypttab.splitlines()) if len(words) > 1 and words[0][0] != "#"]
    boxes = {filesystem.device: filesystem for filesystem in found}

    def names(box: Filesystem) -> tuple[str, ...]:
        listed = [words[0] for words in lines if box.answers_to(words[1])]
        return tuple(f"/dev/mapper/{name}" for name in [*listed, f"luks-{box.uuid}"])

    return tuple(replace(f, aliases=names(boxes[f.container])) if f.container else f for f in found)
