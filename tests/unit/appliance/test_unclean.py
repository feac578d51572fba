from __future__ import annotations

from typing import Any

import pytest

from imagekit.appliance.unclean import btrfs_is_unclean, ext_is_unclean, is_unclean


def ext(*, state: int = 1, incompatible: int = 0) -> bytes:
    superblock = bytearray(1024)
    superblock[0x3A:0x3C] = state.to_bytes(2, "little")
    superblock[0x60:0x64] = incompatible.to_bytes(4, "little")
    return bytes(superblock)


def btrfs(log_root: int) -> bytes:
    superblock = bytearray(1024)
    superblock[0x40:0x48] = b"_BHRfS_M"
    superblock[0x60:0x68] = log_root.to_bytes(8, "little")
    return bytes(superblock)


@pytest.mark.parametrize(
    ("superblock", "unclean"),
    [
        (ext(), False),
        (ext(incompatible=0x2C2), False),
        (ext(incompatible=0x2C6), True),  # RECOVER
        (ext(state=0), True),
        (ext(state=2), True),
        (ext(state=3), False),  # unmounted in order, after an error
    ],
)
def test_an_ext_file_system_is_unclean_until_it_is_unmounted_in_order(superblock: bytes, *, unclean: bool) -> None:
    assert ext_is_unclean(superblock) is unclean


@pytest.mark.parametrize(("superblock", "unclean"), [(btrfs(0), False), (btrfs(1 << 24), True), (bytes(1024), False)])
def test_a_btrfs_is_unclean_while_it_has_a_log(superblock: bytes, *, unclean: bool) -> None:
    assert btrfs_is_unclean(superblock) is unclean


@pytest.mark.parametrize(
    ("kind", "offset", "superblock"),
    [
        ("ext2", 1024, ext(state=0)),
        ("ext3", 1024, ext(state=0)),
        ("ext4", 1024, ext(state=0)),
        ("btrfs", 65536, btrfs(1)),
    ],
)
def test_the_superblock_is_read_where_its_type_has_it(session: Any, kind: str, offset: int, superblock: bytes) -> None:
    session.answers["pread_device"] = superblock

    assert is_unclean(session, "/dev/sda1", kind)
    assert session.calls == [("pread_device", "/dev/sda1", 1024, offset)]


def test_other_types_are_not_looked_at(session: Any) -> None:
    assert not is_unclean(session, "/dev/sda1", "vfat")
    assert session.calls == []
