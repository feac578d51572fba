from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING, Any

import pytest

from imagekit.appliance.disks import Filesystem
from imagekit.appliance.layout import Layout, Mount
from imagekit.engine import inspecting
from imagekit.engine.inspecting import FilesystemFacts, Inspection, inspect
from imagekit.engine.opened import Opened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from imagekit.images.info import ImageInfo
    from imagekit.testing.memory import MemoryGuest

LAYOUT = Layout(
    "btrfsvol:/dev/sda2/@",
    (
        Mount("btrfsvol:/dev/sda2/@", "/dev/sda2", "btrfs", "/"),
        Mount("/dev/sda1", "/dev/sda1", "vfat", "/boot/efi"),
        Mount("btrfsvol:/dev/sda2/@home", "/dev/sda2", "btrfs", "/home"),
    ),
    (
        Filesystem("/dev/sda1", "vfat", "AAAA-BBBB"),
        Filesystem("/dev/sda2", "btrfs", "u2", "root"),
        Filesystem("/dev/sda3", "swap", "u3"),
    ),
)


@pytest.fixture
def inspected(
    base: ImageInfo, opened_guest: Callable[[MemoryGuest], Opened], monkeypatch: pytest.MonkeyPatch
) -> Callable[[MemoryGuest], Inspection]:
    """Inspect a guest as if it had been opened; it must be opened without a network and for reading alone."""

    def run(guest: MemoryGuest) -> Inspection:
        image = opened_guest(guest)

        @contextlib.contextmanager
        def checked(*args: Any) -> Iterator[ImageInfo]:
            yield base

        @contextlib.contextmanager
        def opened(info: Any, workspace: Any, settings: Any, *args: Any, readonly: bool) -> Iterator[Opened]:
            assert readonly
            assert not settings.network
            yield Opened(base, image.overlay, image.session, LAYOUT, guest)

        monkeypatch.setattr(inspecting, "checked", checked)
        monkeypatch.setattr(inspecting, "opened", opened)
        monkeypatch.setattr(inspecting.Workspace, "scratch", contextlib.nullcontext)
        return inspect(base.path)

    return run


def test_an_inspection_tells_of_the_image_and_the_guest(
    inspected: Callable[[MemoryGuest], Inspection], debian: MemoryGuest, base: ImageInfo
) -> None:
    found = inspected(debian)

    assert (found.image, found.guest) == (base, debian.facts)
    assert Inspection.model_validate_json(found.model_dump_json()) == found


def test_each_file_system_is_told_with_the_first_place_it_is_mounted_at(
    inspected: Callable[[MemoryGuest], Inspection], debian: MemoryGuest
) -> None:
    assert inspected(debian).filesystems == (
        FilesystemFacts(device="/dev/sda1", type="vfat", uuid="AAAA-BBBB", mountpoint="/boot/efi"),
        FilesystemFacts(device="/dev/sda2", type="btrfs", uuid="u2", label="root", mountpoint="/"),
        FilesystemFacts(device="/dev/sda3", type="swap", uuid="u3"),
    )


def test_an_inspection_never_tells_a_machine_id(
    inspected: Callable[[MemoryGuest], Inspection], debian: MemoryGuest
) -> None:
    text = json.dumps(inspected(debian).model_dump(mode="json"))

    assert debian.read_file("/etc/machine-id").decode().strip() not in text
