from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest

from imagekit.engine.doctor.room import check_memory, check_room

if TYPE_CHECKING:
    from imagekit.engine.doctor.host import Host


def free(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: shutil._ntuple_diskusage(1 << 40, 0, count))  # type: ignore[attr-defined]


@pytest.mark.parametrize(("count", "state"), [(8 << 30, "ok"), (512 << 20, "warn"), (1 << 20, "fail")])
def test_little_room_is_a_warning_and_none_a_failure(
    bare: Host, monkeypatch: pytest.MonkeyPatch, count: int, state: str
) -> None:
    free(monkeypatch, count)

    assert {check.state for check in check_room(bare)} == {state}


def test_an_appliance_that_is_built_needs_little_more(bare: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    built = bare.cache / f".guestfs-{os.geteuid()}" / "appliance.d"
    built.mkdir(parents=True)
    (built / "root").touch()
    free(monkeypatch, 512 << 20)

    assert next(check_room(bare)).state == "ok"


def test_a_folder_that_is_not_there_is_a_failure(bare: Host) -> None:
    bare.here.rmdir()

    check = list(check_room(bare))[-1]

    assert (check.state, check.fix) == ("fail", f"mkdir -p {bare.here}")


@pytest.mark.parametrize(("available", "state"), [(2 << 30, "ok"), (1 << 30, "warn")])
def test_memory_must_hold_the_appliance_and_qemu(available: int, state: str) -> None:
    assert check_memory(available, 1024).state == state


def test_this_host_has_some_memory() -> None:
    assert "GiB available" in check_memory().detail
