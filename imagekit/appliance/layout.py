"""Find the one system on the disks and mount it as its own fstab says. No ``inspect_os`` on this road."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from imagekit.appliance.channel import VerbRefused
from imagekit.appliance.disks import LINUX_TYPES, Filesystem, subvolumes, survey
from imagekit.errors import ImageError
from imagekit.guest.fstab import Entry, parse
from imagekit.guest.paths import resolve

if TYPE_CHECKING:
    from collections.abc import Mapping

    from imagekit.appliance.session import Session

_ESSENTIAL = ("/usr", "/var", "/boot", "/etc")
_UNTOUCHED = {"ext3": "ro,noload", "ext4": "ro,noload", "xfs": "ro,norecovery"}
"""How a type is mounted so that its journal is not replayed, which Linux does for a read-only mount too."""


class NoSystem(ImageError):
    """No operating system was found on the disks."""

    code = "IK-IMG-040"

    def __init__(self, found: tuple[Filesystem, ...]) -> None:
        self.found = found
        there = ", ".join(f"{f.device} ({f.type or 'unknown'})" for f in found) or "nothing at all"
        locked = [f.device for f in found if f.type == "crypto_LUKS"]
        fix = f"open the encrypted ones: --key {locked[0]}=file:PATH" if locked else "is this the disk with the system?"
        super().__init__("no Linux system was found in this image", why=f"it has {there}", fix=fix)


class SeveralSystems(ImageError):
    """More than one operating system was found on the disks."""

    code = "IK-IMG-041"

    def __init__(self, roots: tuple[str, ...]) -> None:
        self.roots = roots
        super().__init__(
            f"this image holds {len(roots)} systems: {', '.join(roots)}",
            why="imagekit changes one system, and does not guess which",
            fix="split the image, or take the other systems out of it",
        )


class MissingFilesystem(ImageError):
    """The guest's fstab names a file system that it cannot run without, and that the image does not hold."""

    code = "IK-IMG-042"

    def __init__(self, entry: Entry) -> None:
        self.entry = entry
        super().__init__(
            f"the guest's fstab mounts {entry.spec} on {entry.file}, and no such file system is in this image",
            fix="give the image that holds it, or mend /etc/fstab",
        )


class UncleanFilesystem(ImageError):
    """A file system was not cleanly unmounted."""

    code = "IK-IMG-045"

    def __init__(self, device: str, kind: str) -> None:
        self.device = device
        super().__init__(
            f"the {kind} file system on {device} was not cleanly unmounted",
            why="its journal still holds changes: the image was copied from a running machine, or that one crashed",
            fix="boot it once and shut it down, or check it with fsck",
        )


class ImmutableSystem(ImageError):
    """The system is of a kind that must not be edited in place."""

    code = "IK-IMG-046"

    def __init__(self, kind: str) -> None:
        self.kind = kind
        super().__init__(
            f"this image holds an {kind} system, which imagekit does not change yet",
            why="its files are checked out from a repository, and edits would be lost or refused at boot",
        )


class CannotMount(ImageError):
    """A file system of the system cannot be mounted."""

    code = "IK-IMG-048"

    def __init__(self, mount: Mount, reason: str) -> None:
        self.mount = mount
        self.reason = reason
        super().__init__(
            f"the file system on {mount.device} cannot be mounted on {mount.mountpoint}",
            why=reason,
            fix="check it with fsck; it may also use features that the appliance's kernel does not know",
        )


@dataclass(frozen=True, slots=True)
class Mount:
    """One file system of the guest, and where it is mounted."""

    mountable: str
    device: str
    type: str
    mountpoint: str


@dataclass(frozen=True, slots=True)
class Layout:
    """The system that was found: its root, and every file system of it in mount order."""

    root: str
    mounts: tuple[Mount, ...]
    filesystems: tuple[Filesystem, ...]


def find_layout(session: Session, keys: Mapping[str, bytes]) -> Layout:
    """Find the one system on the disks; nothing is mounted afterwards.

    Raises:
        NoSystem, SeveralSystems, MissingFilesystem, UncleanFilesystem, ImmutableSystem, Hibernated, LuksKeyWrong.
    """
    found = survey(session, keys)
    roots = [root for filesystem in found if filesystem.type in LINUX_TYPES for root in _roots_on(session, filesystem)]
    if not roots:
        return _ask_inspection(session, found)
    if len(roots) > 1:
        raise SeveralSystems(tuple(mountable for mountable, _, _ in roots))
    mountable, filesystem, fstab = roots[0]
    mounts = plan_mounts(Mount(mountable, filesystem.device, filesystem.type, "/"), parse(fstab), found)
    for mount in mounts:
        _refuse_unclean(session, mount)
    return Layout(mountable, mounts, found)


def _roots_on(session: Session, filesystem: Filesystem) -> list[tuple[str, Filesystem, str]]:
    """Return the roots of systems on one file system, each with the text of its fstab."""
    roots = []
    for mountable in (filesystem.device, *subvolumes(session, filesystem)):
        try:
            session.call("mount_vfs", _UNTOUCHED.get(filesystem.type, "ro"), filesystem.type, mountable, "/")
        except VerbRefused:
            continue
        try:
            if _has(session, "/ostree/repo") and not _has(session, "/etc/passwd"):
                raise ImmutableSystem("ostree")
            if _is_root(session):
                roots.append((mountable, filesystem, _text(session, "/etc/fstab")))
        finally:
            session.call("umount_all")
    return roots


def _is_root(session: Session) -> bool:
    """Tell whether the mounted file system is the root of a Linux system: /etc of one, and its programs."""
    named = any(_has(session, path) for path in ("/etc/os-release", "/etc/fstab", "/etc/redhat-release"))
    return named and (_has(session, "/bin") or _has(session, "/usr")) and not _has(session, "/etc/initrd-release")


def _has(session: Session, path: str) -> bool:
    try:
        session.call("lstatns", path)
    except VerbRefused:
        return False
    return True


def _text(session: Session, path: str) -> str:
    try:
        return bytes(session.call("read_file", path)).decode(errors="replace")
    except VerbRefused:
        return ""


def plan_mounts(root: Mount, fstab: tuple[Entry, ...], found: tuple[Filesystem, ...]) -> tuple[Mount, ...]:
    """Return what to mount, parents first: the root, and what fstab adds to it. Pure.

    Raises:
        MissingFilesystem: fstab names one that is essential and not there.
    """
    mounts = {"/": root}
    for entry in fstab:
        where = resolve(entry.file, lambda _: None, follow_last=False) if entry.on_disk else "/"
        if where == "/":
            continue
        match = next((f for f in found if f.answers_to(entry.spec)), None)
        if match is None and where in _ESSENTIAL and "nofail" not in entry.options:
            raise MissingFilesystem(entry)
        if match is None or match.type in ("", "swap", "crypto_LUKS", "LVM2_member"):
            continue
        subvolume = (entry.option("subvol") or "").strip("/") if match.type == "btrfs" else ""
        mountable = f"btrfsvol:{match.device}/{subvolume}" if subvolume else match.device
        mounts[where] = Mount(mountable, match.device, match.type, where)
    return tuple(mounts[where] for where in sorted(mounts, key=lambda path: (path != "/", path.count("/"), path)))


def _refuse_unclean(session: Session, mount: Mount) -> None:
    if mount.type in ("ext2", "ext3", "ext4"):
        superblock = session.call("tune2fs_l", mount.device)
        features = superblock.get("Filesystem features", "").split()
        if "needs_recovery" in features or "not clean" in superblock.get("Filesystem state", ""):
            raise UncleanFilesystem(mount.device, mount.type)


def _ask_inspection(session: Session, found: tuple[Filesystem, ...]) -> Layout:
    """Let libguestfs look, for layouts that the fast road does not know; it takes seconds."""
    roots: list[str] = session.call("inspect_os", deadline=600)
    if not roots:
        raise NoSystem(found)
    if len(roots) > 1:
        raise SeveralSystems(tuple(roots))
    points: dict[str, str] = session.call("inspect_get_mountpoints", roots[0])
    types = {filesystem.device: filesystem.type for filesystem in found}
    mounts = tuple(
        Mount(points[where], points[where], types.get(points[where], ""), where) for where in sorted(points, key=len)
    )
    session.call("umount_all")
    return Layout(roots[0], mounts, found)


def mount_all(session: Session, layout: Layout, *, readonly: bool) -> None:
    """Mount the system below the guest's root, parents first.

    Raises:
        CannotMount: one refuses.
    """
    options = "ro" if readonly else "noatime"
    for mount in layout.mounts:
        try:
            if mount.type:
                session.call("mount_vfs", options, mount.type, mount.mountable, mount.mountpoint)
            else:
                session.call("mount_options", options, mount.mountable, mount.mountpoint)
        except VerbRefused as refused:
            raise CannotMount(mount, refused.text.strip()) from refused
