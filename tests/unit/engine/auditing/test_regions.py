from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from imagekit.appliance.channel import VerbRefused
from imagekit.engine.auditing.regions import Region, described, hidden, mountpoint_of, region_at, regions_of, type_of
from imagekit.identity.flaw import Device, Scene

if TYPE_CHECKING:
    from imagekit.testing.memory import MemoryGuest

PARTS = [
    {"part_num": 1, "part_start": 1024, "part_end": 2047},
    {"part_num": 2, "part_start": 2048, "part_end": 8191},
    {"part_num": 5, "part_start": 3072, "part_end": 4095},
]
DEVICES = (
    Device("/dev/sda1", "vfat"),
    Device("/dev/sda2", "ext4", "/"),
    Device("/dev/sda3", "swap"),
    Device("/dev/sda4", ""),
    Device("/dev/sda5", "LVM2_member"),
    Device("/dev/vg/swap", "swap"),
)


@pytest.fixture
def scene(debian: MemoryGuest) -> Scene:
    return Scene(debian, DEVICES, "/dev/sda2")


def test_bytes_are_in_the_innermost_partition_or_in_none(session: Any) -> None:
    session.answers["part_list"] = PARTS
    regions = regions_of(session, 1 << 20)

    assert [region_at(regions, at) for at in (0, 1024, 2047, 2048, 3500, 8191, 8192)] == [
        "",
        "/dev/sda1",
        "/dev/sda1",
        "/dev/sda2",
        "/dev/sda5",
        "/dev/sda2",
        "",
    ]


def test_a_disk_without_a_table_is_one(session: Any) -> None:
    session.answers["part_list"] = VerbRefused("part_list", "unrecognised disk label", "RuntimeError")

    assert regions_of(session, 4096) == (Region("/dev/sda", 0, 4095),)


def test_a_place_is_described_by_what_is_there(scene: Scene) -> None:
    assert [described(scene, name) for name in ("/dev/sda2", "/dev/sda3", "/dev/sda4", "/dev/sda9", "")] == [
        "in /dev/sda2 (ext4)",
        "in /dev/sda3 (swap space)",
        "in /dev/sda4 (nothing known)",
        "in /dev/sda9 (nothing known)",
        "outside of every partition",
    ]
    assert (type_of(scene, "/dev/sda3"), type_of(scene, "")) == ("swap", "")
    assert [mountpoint_of(scene, name) for name in ("/dev/sda2", "/dev/sda1", "")] == ["/", "", ""]


@pytest.mark.parametrize("device", ["/dev/sda2", "/dev/sda3", "/dev/sda4", ""])
def test_what_is_mounted_or_has_no_files_hides_nothing(scene: Scene, device: str) -> None:
    assert hidden(scene, device) == ""


def test_a_file_system_that_is_not_mounted_may_hold_it(scene: Scene) -> None:
    assert "does not mount this" in hidden(scene, "/dev/sda1")


def test_what_is_made_of_a_device_may_hold_it(scene: Scene) -> None:
    assert "/dev/sda1" in hidden(scene, "/dev/sda5")
    assert "swap" not in hidden(scene, "/dev/sda5")


def test_all_that_is_made_of_a_device_may_be_mounted(debian: MemoryGuest) -> None:
    devices = (Device("/dev/sda1", "LVM2_member"), Device("/dev/vg/root", "xfs", "/"))

    assert hidden(Scene(debian, devices, "/dev/vg/root"), "/dev/sda1") == ""


def test_another_subvolume_may_hold_it(debian: MemoryGuest) -> None:
    devices = (Device("/dev/sda2", "btrfs", "/"),)

    assert "subvolume" in hidden(Scene(debian, devices, "btrfsvol:/dev/sda2/@"), "/dev/sda2")
    assert hidden(Scene(debian, devices, "/dev/sda2"), "/dev/sda2") == ""
