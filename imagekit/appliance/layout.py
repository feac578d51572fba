"""Find the one system on the disks and mount it as its own fstab says. No ``inspect_os`` on this road."""

from __future__ import annotations

import stat
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from imagekit.appliance.channel import VerbRefused
from imagekit.appliance.disks import LINUX_TYPES, Filesystem, Hibernated, activate_all, survey, with_aliases
from imagekit.appliance.links import LinkResolver
from imagekit.appliance.systems import System, system_that_stays, systems_on
from imagekit.appliance.unclean import is_unclean
from imagekit.errors import ImageError
from imagekit.guest.osrelease import clean
from imagekit.guest.paths import LinkLoop, is_below, resolve

if TYPE_CHECKING:
    from collections.abc import Mapping

    from imagekit.appliance.session import Session
    from imagekit.guest.fstab import Entry

_ESSENTIAL = ("/usr", "/var", "/boot", "/etc")
_KERNELS = ("/dev", "/proc", "/run", "/sys")
"""Where the kernel's own file systems lie; what fstab mounts there is nothing of the guest's."""
_MOST_MOUNTS = 100
_MAY_STAY = frozenset({"ext2", "ext3", "ext4", "xfs"})
"""Types of which a first look shows the root that will be used: they have no subvolumes."""


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
            f"this image holds {len(roots)} systems: {', '.join(map(clean, roots))}",
            why="imagekit changes one system, and does not guess which",
            fix="split the image, or take the other systems out of it",
        )


class MissingFilesystem(ImageError):
    """The guest's fstab names a file system that it cannot run without, and that the image does not hold."""

    code = "IK-IMG-042"

    def __init__(self, entry: Entry, locked: tuple[str, ...] = ()) -> None:
        self.entry = entry
        self.locked = locked
        fix = f"open the encrypted ones: --key {locked[0]}=file:PATH" if locked else "give the image that holds it"
        super().__init__(
            f"the guest's fstab mounts {clean(entry.spec)} on {clean(entry.file)}, "
            "and no such file system is in this image",
            fix=f"{fix}, or mend /etc/fstab",
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
            f"the file system on {mount.device} cannot be mounted on {clean(mount.mountpoint)}",
            why=reason,
            fix="check it with fsck; it may also use features that the appliance's kernel does not know",
        )


class TooManyMounts(ImageError):
    """The guest's fstab mounts more than any system does."""

    code = "IK-IMG-050"

    def __init__(self, count: int) -> None:
        self.count = count
        super().__init__(
            f"the guest's fstab mounts {count} file systems of this image, and at most {_MOST_MOUNTS} can be mounted",
            fix="mend /etc/fstab in the image",
        )


@dataclass(frozen=True, slots=True)
class Mount:
    """One file system of the guest, and where it is mounted.

    ``option`` goes to mount(8) with it; ``nofail`` says that the guest goes on without.
    """

    mountable: str
    device: str
    type: str
    mountpoint: str
    option: str = ""
    nofail: bool = False


@dataclass(frozen=True, slots=True)
class Layout:
    """The system that was found: its root, and every file system of it in mount order; the root may be mounted yet."""

    root: str
    mounts: tuple[Mount, ...]
    filesystems: tuple[Filesystem, ...]
    root_is_mounted: bool = False


def open_layout(session: Session, keys: Mapping[str, bytes], *, readonly: bool) -> Mounted:
    """Find the one system on the disks and mount it: ``find_layout`` and ``mount_all``, with a mount less if it can be.

    Raises:
        ImageError, SpecError: as those do.
    """
    return mount_all(session, find_layout(session, keys, stay=_how(readonly=readonly)), readonly=readonly)


def _how(*, readonly: bool) -> str:
    return "ro" if readonly else "noatime"


def find_layout(session: Session, keys: Mapping[str, bytes], *, stay: str = "") -> Layout:
    """Find the one system on the disks.

    Nothing is mounted afterwards; but given options of mount(8) with which it may ``stay``, the root may be.

    Raises:
        NoSystem, SeveralSystems, ImmutableSystem, Hibernated, UncleanFilesystem: what is on the disks is not for us.
        MissingFilesystem, TooManyMounts: its fstab is not for these disks.
        LuksKeyWrong, LuksNeedsMemory: an encrypted device does not open.
    """
    found = survey(session, keys)
    systems = _systems(session, [f for f in found if f.type in LINUX_TYPES], stay)
    for system in systems:
        if system.immutable:
            raise ImmutableSystem(system.immutable)
    if not systems:
        return _ask_inspection(session, found)
    if len(systems) > 1:
        raise SeveralSystems(tuple(system.mountable for system in systems))
    if systems[0].asleep:
        raise Hibernated(systems[0].asleep)
    return _layout_of(session, systems[0], found)


def _systems(session: Session, candidates: list[Filesystem], stay: str) -> list[System]:
    """Look at each file system, and leave none mounted but the only one that can be meant."""
    if stay and len(candidates) == 1 and candidates[0].type in _MAY_STAY:
        (only,) = candidates
        if not is_unclean(session, only.device, only.type):
            return list(system_that_stays(session, only, stay))
    return [system for filesystem in candidates for system in systems_on(session, filesystem)]


def _layout_of(session: Session, system: System, found: tuple[Filesystem, ...]) -> Layout:
    root = Mount(system.mountable, system.filesystem.device, system.filesystem.type, "/")
    named = with_aliases(found, system.crypttab)
    mounts = plan_mounts(root, system.fstab, named)
    for device, kind in dict.fromkeys((mount.device, mount.type) for mount in mounts):
        known_clean = system.mounted and device == root.device  # it was looked at before, and is in use now
        if not known_clean and is_unclean(session, device, kind):
            raise UncleanFilesystem(device, kind)
    return Layout(system.mountable, mounts, named, system.mounted)


def plan_mounts(root: Mount, fstab: tuple[Entry, ...], found: tuple[Filesystem, ...]) -> tuple[Mount, ...]:
    """Return what to mount, parents first: the root, and what fstab adds to it. Pure.

    Raises:
        MissingFilesystem: fstab names one that is essential and not there.
        TooManyMounts: it names more than a hundred that are there.
    """
    mounts = {"/": root}
    for entry in fstab:
        where = resolve(entry.file, lambda _: None, follow_last=False) if _sensible(entry) else "/"
        if where == "/":
            continue
        match = next((f for f in found if f.answers_to(entry.spec)), None)
        nofail = "nofail" in entry.options
        if match is None and where in _ESSENTIAL and not nofail:
            raise MissingFilesystem(entry, tuple(f.device for f in _locked(found)))
        if match is None or match.type in ("", "swap", "crypto_LUKS", "LVM2_member"):
            continue
        mountable, option = _subvolume(entry, match)
        mounts[where] = Mount(mountable, match.device, match.type, where, option, nofail)
    if len(mounts) > _MOST_MOUNTS:
        raise TooManyMounts(len(mounts))
    return tuple(mounts[where] for where in sorted(mounts, key=lambda path: (path != "/", path.count("/"), path)))


def _sensible(entry: Entry) -> bool:
    """Tell whether an entry is one of the guest's own disks, by a mount point that could be a directory's name."""
    return entry.on_disk and entry.file.isprintable()


def _subvolume(entry: Entry, filesystem: Filesystem) -> tuple[str, str]:
    """Return what to mount and with which option, btrfs(5): ``subvol=`` by name, ``subvolid=`` by number."""
    if filesystem.type != "btrfs":
        return filesystem.device, ""
    name, number = (entry.option("subvol") or "").strip("/"), entry.option("subvolid") or ""
    if name:
        return f"btrfsvol:{filesystem.device}/{name}", ""
    return filesystem.device, f"subvolid={number}" if number.isdigit() else ""


def _locked(found: tuple[Filesystem, ...]) -> tuple[Filesystem, ...]:
    """Return the encrypted devices that were not opened."""
    opened = {filesystem.container for filesystem in found}
    return tuple(f for f in found if f.type == "crypto_LUKS" and f.device not in opened)


def _ask_inspection(session: Session, found: tuple[Filesystem, ...]) -> Layout:
    """Let libguestfs look, for layouts that the fast road does not know; it takes seconds."""
    activate_all(session)
    roots: list[str] = session.call("inspect_os", deadline=600)
    if not roots:
        raise NoSystem(found)
    if len(roots) > 1:
        raise SeveralSystems(tuple(roots))
    points: dict[str, str] = session.call("inspect_get_mountpoints", roots[0])
    types = {filesystem.device: filesystem.type for filesystem in found}
    mounts = tuple(
        Mount(points[where], points[where], types.get(points[where], ""), where, nofail=where != "/")
        for where in sorted(points, key=len)
    )
    session.call("umount_all")
    return Layout(roots[0], mounts, found)


@dataclass(frozen=True, slots=True)
class Mounted:
    """A layout with what is mounted of it, where it really is, and what was left out, each with the reason."""

    layout: Layout
    left_out: tuple[str, ...]


def mount_all(session: Session, layout: Layout, *, readonly: bool) -> Mounted:
    """Mount the system below the guest's root, parents first.

    guestfs(3) follows links in a mount point out of the guest, so they are resolved inside the guest first. What
    the guest cannot be without, or would not come up without, must be mounted.

    Raises:
        CannotMount: one of those is not.
    """
    links = LinkResolver(lambda path: _link(session, path))
    mounts, left_out = [], []
    for mount in layout.mounts:
        try:
            where = "/" if mount.mountpoint == "/" else _inside(session, mount, links)
            if not (layout.root_is_mounted and where == "/"):
                _mount(session, mount, where, _how(readonly=readonly))
            mounts.append(replace(mount, mountpoint=where))
        except _BadMountPoint as bad:
            if mount.mountpoint in _ESSENTIAL and not mount.nofail:
                raise CannotMount(mount, bad.reason) from bad
            left_out.append(f"{mount.device} is not mounted on {clean(mount.mountpoint)}: {bad.reason}")
        except VerbRefused as refused:
            if not mount.nofail:
                raise CannotMount(mount, clean(refused.text)) from refused
            left_out.append(f"{mount.device} is not mounted on {clean(mount.mountpoint)}: {clean(refused.text)}")
        links.forget()
    return Mounted(replace(layout, mounts=tuple(mounts)), tuple(left_out))


class _BadMountPoint(Exception):
    """Nothing can be mounted there: no directory of the guest, or one that is not its own."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


def _inside(session: Session, mount: Mount, links: LinkResolver) -> str:
    """Return the directory of the guest that a mount point really is; no link is left in it.

    Raises:
        _BadMountPoint: there is none, or nothing can be mounted on it.
    """
    try:
        where = links.whole(mount.mountpoint)
    except LinkLoop as loop:
        raise _BadMountPoint("the links there go round in circles") from loop
    if where == "/" or any(where == kernels or is_below(where, kernels) for kernels in _KERNELS):
        raise _BadMountPoint(f"that is {clean(where)}, which no disk may cover")
    found = _lstat(session, where)
    if found is None or not stat.S_ISDIR(found["st_mode"]):
        raise _BadMountPoint("the guest has no such directory")
    return where


def _lstat(session: Session, path: str) -> dict[str, int] | None:
    try:
        found: dict[str, int] = session.call("lstatns", path)
    except VerbRefused:
        return None
    return found


def _link(session: Session, path: str) -> str | None:
    """Return the target of a link, None for anything else."""
    found = _lstat(session, path)
    return str(session.call("readlink", path)) if found and stat.S_ISLNK(found["st_mode"]) else None


def _mount(session: Session, mount: Mount, where: str, how: str) -> None:
    options = ",".join(filter(None, (how, mount.option)))
    if mount.type:
        session.call("mount_vfs", options, mount.type, mount.mountable, where)
    else:
        session.call("mount_options", options, mount.mountable, where)
