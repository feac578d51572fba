"""Which file systems hold the root of a Linux system: a look at each that changes nothing, not even its journal."""

from __future__ import annotations

import stat
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from imagekit.appliance.channel import VerbRefused
from imagekit.guest.fstab import Entry, parse

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import TypeVar

    from imagekit.appliance.disks import Filesystem
    from imagekit.appliance.session import Session

    T = TypeVar("T")

_UNTOUCHED = {
    "ext3": "ro,noload",
    "ext4": "ro,noload",
    "xfs": "ro,norecovery",
    "f2fs": "ro,norecovery",
    "btrfs": "ro,rescue=nologreplay",
}
"""How a type is mounted so that its journal is not replayed, which Linux does for a read-only mount too."""
_LONGEST_TEXT = 1 << 20
_PAGE = 4096
_HIBERNATED = b"S1SUSPEND\0"
"""What Linux writes to the end of the first page of the swap that it hibernates to (kernel/power/swap.c)."""
_MOST_SWAP_FILES = 8
_MOST_SUBVOLUMES = 1000
"""Containers make a subvolume for each layer; a system's own is never far from the top."""


@dataclass(frozen=True, slots=True)
class System:
    """A system that was found on a file system.

    Attributes:
        mountable: what guestfs(3) mounts: a device, or ``btrfsvol:DEVICE/SUBVOLUME``.
        filesystem: what it is on.
        names: what ``subvol=`` in its own fstab may call it; "" is what mounting the device shows.
        fstab: its fstab(5).
        crypttab: the text of its crypttab(5).
        immutable: the kind of an immutable system, or "".
        asleep: the swap file that holds the memory of a hibernated system, or "".
        mounted: it is still mounted, as it shall stay.
    """

    mountable: str
    filesystem: Filesystem
    names: frozenset[str] = frozenset({""})
    fstab: tuple[Entry, ...] = ()
    crypttab: str = ""
    immutable: str = ""
    asleep: str = ""
    mounted: bool = False

    @property
    def claims_itself(self) -> bool:
        """Whether its own fstab mounts this very subvolume as the root; that of a snapshot names the original."""
        roots = [entry for entry in self.fstab if entry.file == "/" and self.filesystem.answers_to(entry.spec)]
        return any((entry.option("subvol") or "").strip("/") in self.names for entry in roots)


def systems_on(session: Session, filesystem: Filesystem) -> tuple[System, ...]:
    """Return the systems whose root is on a file system; nothing is mounted before or after.

    On btrfs snapshots and containers hold systems too. Where several subvolumes look like one, those count that
    their own fstab mounts as the root.
    """
    found = []
    for mountable, names in _mountables(session, filesystem).items():
        see = partial(_read, session, filesystem, mountable, names)
        system = _looked_at(session, filesystem, mountable, see)
        if system is not None:
            found.append(system)
    own = [system for system in found if system.claims_itself]
    return tuple(own or found)


def system_that_stays(session: Session, filesystem: Filesystem, options: str) -> tuple[System, ...]:
    """Return the system on a file system that is clean and the only one; it stays mounted with these options.

    That saves a mount. Nothing is mounted afterwards if there is none, or it cannot be mounted so.
    """
    device = filesystem.device
    try:
        session.call("mount_vfs", options, filesystem.type, device, "/")
    except VerbRefused:
        return systems_on(session, filesystem)
    system = _read(session, filesystem, device, frozenset({""}))
    if system is None:
        session.call("umount_all")
        return ()
    return (replace(system, mounted=True),)


def _looked_at(
    session: Session, filesystem: Filesystem, mountable: str, see: Callable[[], T], *options: str
) -> T | None:
    """Return what ``see`` returns while something is mounted; None if it cannot be mounted.

    If ``see`` raises, the session is over, and there is nothing to unmount.
    """
    how = ",".join([_UNTOUCHED.get(filesystem.type, "ro"), *options])
    try:
        session.call("mount_vfs", how, filesystem.type, mountable, "/")
    except VerbRefused:
        return None
    seen = see()
    session.call("umount_all")
    return seen


def _read(session: Session, filesystem: Filesystem, mountable: str, names: frozenset[str]) -> System | None:
    """Return the system whose root is mounted, or None."""
    if _has(session, "/ostree/repo") and not _has(session, "/etc/passwd"):
        return System(mountable, filesystem, names, immutable="ostree")
    if not is_system(session):
        return None
    fstab, crypttab = (_text(session, path) for path in ("/etc/fstab", "/etc/crypttab"))
    entries = parse(fstab)
    asleep = next((file for file in _swap_files(entries) if _start(session, file)[-10:] == _HIBERNATED), "")
    return System(mountable, filesystem, names, entries, crypttab, asleep=asleep)


def _swap_files(fstab: tuple[Entry, ...]) -> list[str]:
    files = [entry.spec for entry in fstab if entry.vfstype == "swap" and not entry.spec.startswith("/dev/")]
    return [file for file in files if file.startswith("/") and file.isprintable()][:_MOST_SWAP_FILES]


def is_system(session: Session, below: str = "") -> bool:
    """Tell whether a mounted directory is the root of a Linux system: it says which one, and has its programs."""
    named = ("/etc/os-release", "/usr/lib/os-release", "/etc/fstab", "/etc/redhat-release")
    return (
        any(_has(session, below + path) for path in named)
        and any(_has(session, below + path) for path in ("/bin", "/usr"))
        and not _has(session, below + "/etc/initrd-release")
    )


def _has(session: Session, path: str) -> bool:
    try:
        session.call("lstatns", path)
    except VerbRefused:
        return False
    return True


def _text(session: Session, path: str) -> str:
    """Return the first MiB of a text."""
    return _start(session, path, _LONGEST_TEXT).decode(errors="replace")


def _start(session: Session, path: str, count: int = _PAGE) -> bytes:
    """Return the start of a regular file; b"" for anything else, for to read what else may be there need never end."""
    try:
        if not stat.S_ISREG(session.call("statns", path)["st_mode"]):
            return b""
        return bytes(session.call("pread", path, count, 0))
    except VerbRefused:
        return b""


def _mountables(session: Session, filesystem: Filesystem) -> Mapping[str, frozenset[str]]:
    """Return what may be mounted of a file system to find a system, each with its names for ``subvol=``."""
    device = filesystem.device
    if filesystem.type != "btrfs":
        return {device: frozenset({""})}
    seen = _looked_at(session, filesystem, device, lambda: _subvolumes(session), "subvolid=5")
    if seen is None:
        return {}
    default, paths = seen
    return {
        device if path == default else f"btrfsvol:{device}/{path}": frozenset({"", path} if path == default else {path})
        for path in paths
    }


def _subvolumes(session: Session) -> tuple[str, tuple[str, ...]]:
    """Return the default subvolume and those that may hold a system, of a btrfs whose top is mounted.

    The default one is what mounting the device shows; "" is the top itself. Left out are snapshots, by their name,
    and what lies below another system, for containers keep their layers so.
    """
    try:
        listed = session.call("btrfs_subvolume_list", "/")
        number = session.call("btrfs_subvolume_get_default", "/")
    except VerbRefused:  # damaged, or a name with a line break, which the daemon cannot read
        return "", ("",)
    by_number = {entry["btrfssubvolume_id"]: str(entry["btrfssubvolume_path"]) for entry in listed}
    default = by_number.get(number, "")
    near = sorted(by_number.values(), key=lambda path: (path.count("/"), path))[:_MOST_SUBVOLUMES]
    found: list[str] = []
    for path in dict.fromkeys([default, *near]):
        other = "snapshot" in path.lower() or any(not root or path.startswith(f"{root}/") for root in found)
        below = f"/{path}" if path else ""
        if (path == default or not other) and (is_system(session, below) or _has(session, f"{below}/ostree/repo")):
            found.append(path)
    return default, tuple(found)
