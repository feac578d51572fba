"""See that the file systems of a finished guest are clean, before it is published."""

from __future__ import annotations

import contextlib
import shlex
from typing import TYPE_CHECKING

from imagekit.appliance.channel import VerbRefused
from imagekit.errors import ImageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from imagekit.appliance.layout import Layout
    from imagekit.appliance.session import Session

_SECONDS = 1800.0


class FilesystemDamaged(ImageError):
    """A file system of the result has errors."""

    code = "IK-IMG-047"

    def __init__(self, device: str, kind: str, said: str) -> None:
        self.device = device
        self.said = said
        super().__init__(
            f"the {kind} file system on {device} has errors, so nothing was published",
            why=said,
            fix="check the base with fsck; a damaged one stays damaged",
        )


def check_filesystems(session: Session, layout: Layout, kernel_names: Mapping[str, str]) -> None:
    """Check every file system of the layout, whole; nothing may be mounted, and nothing is written if all is well.

    Args:
        session: a running one.
        layout: of the guest that was mounted.
        kernel_names: device by guestfs(3)'s name -> by the kernel's; where one is missing its superblock is written.

    Raises:
        FilesystemDamaged: one has errors that need a decision.
    """
    for device, kind in dict.fromkeys((mount.device, mount.type) for mount in layout.mounts):
        try:
            if kind in ("ext2", "ext3", "ext4"):
                _check_ext(session, device, kernel_names.get(device))
            elif kind == "xfs" and session.call("xfs_repair", device, deadline=_SECONDS, nomodify=True):
                raise FilesystemDamaged(device, kind, "xfs_repair found errors")
            elif kind == "btrfs":
                session.call("btrfs_fsck", device, deadline=_SECONDS)
        except VerbRefused as refused:
            raise FilesystemDamaged(device, kind, refused.text.strip()[-300:]) from refused


def _check_ext(session: Session, device: str, kernel_name: str | None) -> None:
    """Run e2fsck(8) over all five passes without writing (-fn); what it finds is then mended if that is safe (-fp).

    guestfs(3)'s own verb has no way to say -n.

    Every pass stays: the first two read every inode and directory and take three quarters of the time, and no
    shorter way (the superblock's state, a look at what was changed only) would see a directory that a step's program
    or the kernel of the appliance left broken.
    """
    if kernel_name is not None:
        with contextlib.suppress(VerbRefused):
            session.script(f"e2fsck -fn {shlex.quote(kernel_name)} 2>&1", deadline=_SECONDS)
            return
    session.call("e2fsck", device, deadline=_SECONDS, correct=True)
