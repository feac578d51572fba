"""Tell from the superblock whether a file system was in use when its disk was copied: its journal holds changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from imagekit.appliance.session import Session

_EXT_SUPERBLOCK, _BTRFS_SUPERBLOCK = 1024, 64 << 10
_SIZE = 1024


def is_unclean(session: Session, device: str, kind: str) -> bool:
    """Tell whether an ext2, ext3, ext4 or btrfs file system was not cleanly unmounted; False for other types."""
    if kind in ("ext2", "ext3", "ext4"):
        return ext_is_unclean(bytes(session.call("pread_device", device, _SIZE, _EXT_SUPERBLOCK)))
    if kind == "btrfs":
        return btrfs_is_unclean(bytes(session.call("pread_device", device, _SIZE, _BTRFS_SUPERBLOCK)))
    return False


def ext_is_unclean(superblock: bytes) -> bool:
    """Look at an ext2/3/4 superblock (Linux, Documentation/filesystems/ext4/super.rst).

    ``s_state`` (16 bits at 0x3A) has 1 if it was cleanly unmounted; a journal that must be replayed shows in
    ``s_feature_incompat`` (32 bits at 0x60) as 4, RECOVER. It is then mounted, and ``s_state`` says nothing of it.
    """
    state = int.from_bytes(superblock[0x3A:0x3C], "little")
    incompatible = int.from_bytes(superblock[0x60:0x64], "little")
    return not state & 1 or bool(incompatible & 4)


def btrfs_is_unclean(superblock: bytes) -> bool:
    """Look at a btrfs superblock: ``log_root`` (64 bits at 0x60) is set while a log of fsync(2) waits to be replayed.

    Layout: btrfs-progs, kernel-shared/uapi/btrfs_tree.h, struct btrfs_super_block.
    """
    return superblock[0x40:0x48] == b"_BHRfS_M" and any(superblock[0x60:0x68])
