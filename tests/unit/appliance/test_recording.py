from __future__ import annotations

import json
import os
import platform
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from imagekit.appliance import launching, recording
from imagekit.appliance.channel import VerbRefused
from imagekit.appliance.errors import LaunchFailed, LaunchTimeout
from imagekit.appliance.recording import CannotSave, record
from imagekit.appliance.session import Disk
from imagekit.appliance.shim import CONFIG, MANIFEST, ROOT, STATE, check
from imagekit.process import ToolFailed

if TYPE_CHECKING:
    from collections.abc import Callable

SOON = 20


@pytest.fixture
def save(bench: Any) -> Callable[..., Path]:
    """``save(tcg="hang", memory=2048)``: record as the launches and settings say; return the state's folder."""

    def make(
        *,
        accelerator: Any = "tcg",
        disks: tuple[Disk, ...] | None = None,
        seconds: float = SOON,
        settings: dict[str, Any] | None = None,
        **goes: str,
    ) -> Path:
        bench.goes(**goes)
        chosen = bench.settings(**(settings or {}))
        parts = launching.Bench(chosen, bench.folder, bench.folder / "qemu-system", bench)
        with bench.states.writing(SOON):
            wanted = bench.disks if disks is None else disks
            record(parts, wanted, accelerator, seconds, bench.folder / "root", "key", bench.states)
        return Path(bench.states["key"])

    return make


def nothing_left(bench: Any) -> bool:
    folder = {path.name for path in bench.states.folder.iterdir()} - {"lock"}
    return folder == set() and bench.guarded == [] and bench.left_running() == []


# What is saved.
def test_a_machine_is_saved_with_its_memory_and_its_root(bench: Any, save: Callable[..., Path]) -> None:
    folder = save()

    check(str(folder))
    assert (folder / STATE).read_bytes() == b"memory"
    assert (folder / ROOT).read_bytes().startswith(b"QFI\xfb")
    assert bytes(bench.folder / "root") in (folder / ROOT).read_bytes()
    assert {path.name for path in folder.iterdir()} == {STATE, ROOT, MANIFEST}


def test_it_boots_as_a_machine_that_keeps_what_it_writes(bench: Any, save: Callable[..., Path]) -> None:
    save(accelerator="kvm")

    config = json.loads((bench.folder / CONFIG).read_text())
    assert bench.noted("launches") == ["kvm record"]
    assert config["mode"] == "record"
    assert Path(config["root"]).parent.parent == bench.states.folder
    assert Path(config["root"]).name == ROOT


def test_nobody_but_its_user_may_read_a_memory(save: Callable[..., Path]) -> None:
    folder = save()

    assert (folder / STATE).stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700


def test_it_runs_until_qemu_has_written_all_and_then_ends(bench: Any, save: Callable[..., Path]) -> None:
    save()

    assert bench.noted("commands") == [
        "qmp_capabilities",
        "migrate-set-parameters",
        "getfd",
        "migrate",
        "query-migrate",
    ]
    assert bench.noted("verbs") == ["debug"]
    assert bench.guarded == []
    assert bench.left_running() == []


@pytest.mark.parametrize(
    "readonly", [(), (False,), (True,), (False, True), (True, False, False)], ids=lambda each: f"{len(each)} disks"
)
def test_a_blank_takes_the_place_of_each_disk(
    bench: Any, save: Callable[..., Path], readonly: tuple[bool, ...]
) -> None:
    save(disks=tuple(Disk(Path("/srv/image"), "qcow2", readonly=each) for each in readonly))
    (setup,) = map(json.loads, bench.noted("setups"))

    assert [disk["readonly"] for disk in setup["disks"]] == list(readonly)
    assert {disk["format"] for disk in setup["disks"]} <= {"raw"}
    paths = [Path(disk["path"]) for disk in setup["disks"]]
    assert len(set(paths)) == len(readonly)
    assert [path.parent for path in paths] == [bench.folder] * len(readonly)
    assert [path.stat().st_size for path in paths] == [1 << 20] * len(readonly)


def test_the_machine_is_that_of_the_session_that_wants_it(bench: Any, save: Callable[..., Path]) -> None:
    save(settings={"memory": 2048, "cpus": 2, "network": True})
    (setup,) = map(json.loads, bench.noted("setups"))

    assert (setup["memory"], setup["cpus"], setup["network"]) == (2048, 2, True)


@pytest.mark.parametrize(
    ("settings", "disks", "title"),
    [
        ({}, 1, "TCG, 1024 MiB, 1 CPU, 1 disk"),
        ({"memory": 512, "cpus": 2}, 2, "TCG, 512 MiB, 2 CPU, 2 disks"),
        ({"network": True}, 1, "TCG, 1024 MiB, 1 CPU, 1 disk, network"),
    ],
)
def test_its_title_tells_what_it_is(
    bench: Any, save: Callable[..., Path], settings: dict[str, Any], disks: int, title: str
) -> None:
    save(settings=settings, disks=bench.disks[:disks])

    assert [state.title for state in bench.states.listed()] == [title]


def test_what_is_published_has_reached_the_disk(
    bench: Any, save: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    monkeypatch.setattr(recording.os, "fsync", lambda fd: synced.append(Path(f"/proc/self/fd/{fd}").readlink().name))
    monkeypatch.setattr(
        type(bench.states), "publish", lambda _states, _folder, key, _title: synced.append(f"published {key}")
    )
    save()

    assert synced == [STATE, ROOT, "published key"]


# What keeps it from being saved.
def test_a_disk_that_is_too_full_is_told_before_anything_is_started(
    bench: Any, save: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "statvfs", lambda _path: SimpleNamespace(f_bavail=1279, f_frsize=1 << 20))

    with pytest.raises(CannotSave) as full:
        save()
    assert full.value.message == (
        f"a warm appliance could not be saved: {bench.states.folder} has 1279 MiB left, and it may take 1280 MiB"
    )
    assert bench.noted("launches") == []
    assert nothing_left(bench)


def test_a_disk_that_has_just_enough_room_is_taken(save: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "statvfs", lambda _path: SimpleNamespace(f_bavail=1280, f_frsize=1 << 20))

    assert save().exists()


def test_where_no_program_can_renew_randomness_nothing_is_saved(
    bench: Any, save: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")

    with pytest.raises(CannotSave, match="no way yet to renew its random numbers on riscv64"):
        save()
    assert bench.noted("launches") == []
    assert nothing_left(bench)


def test_a_memory_that_qemu_cannot_write_is_no_state(bench: Any, save: Callable[..., Path]) -> None:
    with pytest.raises(CannotSave, match=r"qemu could not write its memory \(failed\)"):
        save(save="failed")
    assert nothing_left(bench)


def test_a_memory_that_takes_too_long_is_no_state(
    bench: Any, save: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording, "_SAVE_SECONDS", 0.1)

    with pytest.raises(CannotSave, match="active"):
        save(save="active")
    assert bench.noted("commands").count("query-migrate") > 1
    assert nothing_left(bench)


@pytest.mark.parametrize(
    ("how", "error"),
    [
        ("refuse", LaunchFailed),
        ("abort", LaunchFailed),
        ("hang", LaunchTimeout),
        ("deaf", VerbRefused),
        ("no channel", OSError),
    ],
)
def test_a_machine_that_does_not_come_up_or_answer_leaves_nothing(
    bench: Any, save: Callable[..., Path], how: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        save(tcg=how, seconds=0.3 if how == "hang" else SOON)

    assert nothing_left(bench)


def test_a_root_that_is_gone_is_told_by_the_tool(bench: Any, save: Callable[..., Path]) -> None:
    (bench.folder / "root").unlink()

    with pytest.raises(ToolFailed, match="qemu-img"):
        save()
    assert nothing_left(bench)


def test_a_state_that_fails_does_not_take_the_place_of_one_that_is_there(bench: Any, save: Callable[..., Path]) -> None:
    folder = save()
    with pytest.raises(CannotSave):
        save(save="failed")

    check(str(folder))
    assert bench.left_running() == []
