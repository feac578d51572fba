from __future__ import annotations

import os
import signal
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pytest

from imagekit.appliance.channel import VerbRefused
from imagekit.appliance.errors import ApplianceDied
from imagekit.appliance.fsck import FilesystemDamaged
from imagekit.appliance.layout import Mount
from imagekit.engine.finishing import finish, settle_script
from imagekit.events import Event, Notice, StageFinished, StageStarted
from imagekit.process import run, spawn

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from imagekit.engine.opened import Opened
    from imagekit.testing.memory import MemoryGuest


@dataclass
class Ending:
    """The end of a build, with a session that answers as a test says."""

    image: Opened
    events: list[Event] = field(default_factory=list)
    writes: int = 0

    @property
    def session(self) -> Any:
        return self.image.session

    def write(self) -> int:
        self.writes += 1
        return self.writes

    def finish(self, write: Callable[[], Any] | None = None) -> Any:
        return finish(self.image, write or self.write, self.events.append)


@pytest.fixture
def ending(tmp_path: Path, blank: MemoryGuest, opened_guest: Callable[[MemoryGuest], Opened]) -> Ending:
    overlay = tmp_path / "overlay.qcow2"
    overlay.write_bytes(b"overlay")
    os.utime(overlay, ns=(0, 0))
    return Ending(replace(opened_guest(blank), overlay=overlay))


def test_the_guest_is_unmounted_before_it_is_checked_and_the_machine_stops_last(ending: Ending) -> None:
    assert ending.finish() == 1
    assert [verb for verb, *_ in ending.session.calls] == ["script", "e2fsck", "shutdown"]


def test_the_image_is_written_once_the_guest_is_unmounted(ending: Ending) -> None:
    asked = []
    ending.finish(lambda: asked.append(ending.session.calls[0][0]))

    assert asked == ["script"]


@pytest.mark.parametrize("what", ["time", "size"])
def test_what_wrote_to_the_overlay_during_the_check_makes_it_be_written_out_again(ending: Ending, what: str) -> None:
    def write() -> int:
        if not ending.writes and what == "time":
            os.utime(ending.image.overlay, ns=(0, 1))
        elif not ending.writes:
            ending.image.overlay.write_bytes(b"a longer overlay")
            os.utime(ending.image.overlay, ns=(0, 0))
        else:
            assert ending.session.stopped
        return ending.write()

    assert ending.finish(write) == 2


def test_each_stage_is_told_and_those_that_overlap_come_to_an_end(ending: Ending) -> None:
    ending.finish()
    started = [event.stage for event in ending.events if isinstance(event, StageStarted)]
    finished = [event.stage for event in ending.events if isinstance(event, StageFinished)]

    assert started == finished == ["trim", "check file systems", "stop appliance"]


def test_what_is_checked_goes_by_the_names_that_the_kernel_had_it_mounted_by(ending: Ending) -> None:
    mounts = (
        Mount("/dev/sda1", "/dev/sda1", "ext4", "/"),
        Mount("/dev/vg/lv", "/dev/vg/lv", "ext4", "/my data"),
        Mount("/dev/sda9", "/dev/sda9", "vfat", "/boot/efi"),
    )
    ending.image = replace(ending.image, layout=replace(ending.image.layout, mounts=mounts))
    ending.session.answers["script"] = (
        "mounted /dev/sdb1 /sysroot\nmounted /dev/mapper/vg-lv /sysroot/my\\040data\nmounted x /sysroot/boot/efi\n"
    )
    ending.finish()

    assert [text for verb, *words in ending.session.calls for text in words if "e2fsck" in text] == [
        "e2fsck -fn /dev/sdb1 2>&1",
        "e2fsck -fn /dev/mapper/vg-lv 2>&1",
    ]


def test_a_damaged_file_system_is_told_though_the_image_was_written(ending: Ending) -> None:
    ending.session.answers["e2fsck"] = VerbRefused("e2fsck", "UNEXPECTED INCONSISTENCY", "RuntimeError")

    with pytest.raises(FilesystemDamaged):
        ending.finish()
    assert not ending.session.stopped


def test_a_machine_that_does_not_stop_well_is_told(ending: Ending) -> None:
    def shutdown() -> None:
        raise ApplianceDied("shutdown", "x")

    ending.session.shutdown = shutdown

    with pytest.raises(ApplianceDied):
        ending.finish()


def test_a_check_is_ended_if_the_image_cannot_be_written(ending: Ending) -> None:
    worker = spawn(["sleep", "1000"])
    ending.session.worker_pid = worker.pid
    ending.session.shutdown = worker.wait

    def write() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        ending.finish(write)
    assert worker.returncode == -signal.SIGKILL


def test_a_check_that_is_done_is_not_ended(ending: Ending) -> None:
    def write() -> None:
        while not ending.session.stopped:
            os.sched_yield()
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        ending.finish(write)


def test_what_cannot_be_trimmed_is_told_and_no_failure(ending: Ending) -> None:
    ending.session.answers["script"] = (
        "untrimmed /boot: fstrim: /sysroot/boot: the discard operation is not supported\nuntrimmed /: \n"
    )

    assert ending.finish() == 1
    assert [event.text for event in ending.events if isinstance(event, Notice)] == [
        "/boot was not trimmed: fstrim: /boot: the discard operation is not supported",
        "/ was not trimmed: no reason given",
    ]


MOUNTS = (
    Mount("/dev/sda2", "/dev/sda2", "ext4", "/"),
    Mount("/dev/sda3", "/dev/sda3", "xfs", "/my data;reboot"),
    Mount("/dev/sda1", "/dev/sda1", "vfat", "/boot/efi"),
)


def test_a_mount_point_is_no_part_of_the_script() -> None:
    script = settle_script(MOUNTS)

    assert run(["sh", "-n", "-c", script]).stderr == ""
    assert "fstrim '/sysroot/my data;reboot'" in script


def test_what_has_no_use_for_it_is_not_trimmed_and_the_root_is() -> None:
    lines = settle_script(MOUNTS).splitlines()

    assert [line.partition("fstrim ")[2].partition(" 2>")[0] for line in lines if "fstrim" in line] == [
        "/sysroot",
        "'/sysroot/my data;reboot'",
    ]
    assert lines[0] == "sync"
    assert lines[-2].startswith("umount")
