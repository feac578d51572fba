"""See that the file systems of a finished guest are clean, before it is published."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagekit.appliance.channel import VerbRefused
from imagekit.errors import ImageError

if TYPE_CHECKING:
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


def check_filesystems(session: Session, layout: Layout) -> None:
    """Check every file system of the layout; nothing may be mounted.

    Raises:
        FilesystemDamaged: one has errors that need a decision.
    """
    for device, kind in dict.fromkeys((mount.device, mount.type) for mount in layout.mounts):
        try:
            if kind in ("ext2", "ext3", "ext4"):
                session.call("e2fsck", device, deadline=_SECONDS, correct=True)
            elif kind == "xfs" and session.call("xfs_repair", device, deadline=_SECONDS, nomodify=True):
                raise FilesystemDamaged(device, kind, "xfs_repair found errors")
            elif kind == "btrfs":
                session.call("btrfs_fsck", device, deadline=_SECONDS)
        except VerbRefused as refused:
            raise FilesystemDamaged(device, kind, refused.text.strip()[-300:]) from refused
