from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from imagekit.appliance.fsck import FilesystemDamaged, check_filesystems
from imagekit.appliance.layout import Layout, Mount

if TYPE_CHECKING:
    from collections.abc import Callable


def layout(*kinds: str) -> Layout:
    mounts = tuple(Mount(f"/dev/sda{n}", f"/dev/sda{n}", kind, f"/{n}") for n, kind in enumerate(kinds, 1))
    return Layout("/dev/sda1", mounts, ())


def test_each_type_is_checked_by_its_own_tool(session: Any) -> None:
    session.answers |= {"e2fsck": None, "xfs_repair": 0, "btrfs_fsck": None}
    check_filesystems(session, layout("ext2", "ext3", "ext4", "xfs", "btrfs", "vfat", ""), {})

    assert session.calls == [
        ("e2fsck", "/dev/sda1"),
        ("e2fsck", "/dev/sda2"),
        ("e2fsck", "/dev/sda3"),
        ("xfs_repair", "/dev/sda4"),
        ("btrfs_fsck", "/dev/sda5"),
    ]
    assert [options for options in session.options if options] == [{"correct": True}] * 3 + [{"nomodify": True}]


def test_where_the_kernels_name_is_known_nothing_is_written(session: Any) -> None:
    session.answers["script"] = "clean"
    check_filesystems(session, layout("ext4"), {"/dev/sda1": "/dev/sd b"})

    assert session.calls == [("script", "e2fsck -fn '/dev/sd b' 2>&1")]


def test_errors_that_are_safe_to_mend_are_mended(session: Any, refused: Callable[[str], Exception]) -> None:
    session.answers |= {"script": refused("errors were left uncorrected"), "e2fsck": None}
    check_filesystems(session, layout("ext4"), {"/dev/sda1": "/dev/sda1"})

    assert (session.calls[-1], session.options[-1]) == (("e2fsck", "/dev/sda1"), {"correct": True})


def test_a_device_with_several_mounts_is_checked_once(session: Any) -> None:
    session.answers["btrfs_fsck"] = None
    mounts = tuple(Mount(f"btrfsvol:/dev/sda1/{name}", "/dev/sda1", "btrfs", f"/{name}") for name in ("", "home"))
    check_filesystems(session, Layout("btrfsvol:/dev/sda1/", mounts, ()), {})

    assert session.calls == [("btrfs_fsck", "/dev/sda1")]


@pytest.mark.parametrize(("kind", "verb"), [("ext4", "e2fsck"), ("btrfs", "btrfs_fsck"), ("xfs", "xfs_repair")])
def test_errors_that_need_a_decision_are_told_in_the_tools_last_words(
    session: Any, refused: Callable[[str], Exception], kind: str, verb: str
) -> None:
    session.answers[verb] = refused("x" * 1000 + "UNEXPECTED INCONSISTENCY\n")

    with pytest.raises(FilesystemDamaged) as damaged:
        check_filesystems(session, layout(kind), {})
    assert damaged.value.message.startswith(f"the {kind} file system on /dev/sda1 has errors")
    assert damaged.value.why.endswith("UNEXPECTED INCONSISTENCY")
    assert len(damaged.value.why) <= 300


def test_xfs_tells_by_its_status(session: Any) -> None:
    session.answers["xfs_repair"] = 1

    with pytest.raises(FilesystemDamaged, match="xfs"):
        check_filesystems(session, layout("xfs"), {})
