from __future__ import annotations

import json
import os
import platform
from pathlib import Path

import pytest

from imagekit.appliance.accel import Host, Verdicts, cache_folder, device_usable

HOST = Host("machine", "/usr/bin/qemu:1:2", "6.1.0-1-amd64")


@pytest.fixture
def verdicts(tmp_path: Path) -> Verdicts:
    return Verdicts(tmp_path / "cache" / "imagekit")


def kept(tmp_path: Path) -> Path:
    (file,) = (tmp_path / "cache" / "imagekit").iterdir()
    return file


def test_nothing_is_known_of_a_host_that_was_never_tried(verdicts: Verdicts) -> None:
    assert verdicts.recall(HOST) is None


@pytest.mark.parametrize("accelerator", ["kvm", "tcg"])
def test_a_verdict_is_remembered_for_the_next_run(verdicts: Verdicts, tmp_path: Path, accelerator: str) -> None:
    verdicts.remember(HOST, accelerator, "why")

    assert Verdicts(tmp_path / "cache" / "imagekit").recall(HOST) == accelerator
    assert json.loads(kept(tmp_path).read_text()) == {
        "accelerator": accelerator,
        "reason": "why",
        "qemu": HOST.qemu,
        "kernel": HOST.kernel,
    }


def test_the_last_verdict_counts(verdicts: Verdicts) -> None:
    verdicts.remember(HOST, "kvm", "")
    verdicts.remember(HOST, "tcg", "")

    assert verdicts.recall(HOST) == "tcg"


@pytest.mark.parametrize(
    "other",
    [
        Host("another", HOST.qemu, HOST.kernel),
        Host(HOST.machine, "/usr/bin/qemu:1:3", HOST.kernel),
        Host(HOST.machine, HOST.qemu, "6.1.0-2-amd64"),
    ],
)
def test_another_machine_qemu_or_kernel_is_judged_anew(verdicts: Verdicts, other: Host) -> None:
    verdicts.remember(HOST, "tcg", "")

    assert verdicts.recall(other) is None


def test_a_verdict_can_be_forgotten(verdicts: Verdicts) -> None:
    verdicts.remember(HOST, "tcg", "")
    verdicts.forget(HOST)
    verdicts.forget(HOST)

    assert verdicts.recall(HOST) is None


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff\xfe", b"not json", b"[]", b'"kvm"', b"{}", b'{"accelerator": "hvf"}', b'{"accelerator": []}'],
)
def test_what_is_no_verdict_of_ours_is_no_verdict(verdicts: Verdicts, tmp_path: Path, content: bytes) -> None:
    verdicts.remember(HOST, "kvm", "")
    kept(tmp_path).write_bytes(content)

    assert verdicts.recall(HOST) is None


def test_a_cache_that_cannot_be_used_costs_time_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    verdicts = Verdicts(tmp_path / "file" / "imagekit")
    verdicts.remember(HOST, "kvm", "")
    verdicts.forget(HOST)

    assert verdicts.recall(HOST) is None


def test_a_cache_is_for_its_user_alone_and_holds_nothing_half_written(verdicts: Verdicts, tmp_path: Path) -> None:
    verdicts.remember(HOST, "kvm", "")

    assert (tmp_path / "cache" / "imagekit").stat().st_mode & 0o777 == 0o700
    assert kept(tmp_path).name == f"kvm-{HOST.key}.json"


def test_this_host_is_described_by_its_qemu_and_kernel_without_its_machine_id(tmp_path: Path) -> None:
    qemu = tmp_path / "qemu"
    qemu.write_bytes(b"1234")
    os.utime(qemu, ns=(5, 7))
    host = Host.here(qemu)

    assert (host.qemu, host.kernel) == (f"{qemu}:4:7", platform.release())
    machine_id = Path("/etc/machine-id")
    assert not (machine_id.exists() and machine_id.read_text().strip() in (host.machine, host.key))


def test_a_new_qemu_at_the_same_path_is_another_host(tmp_path: Path) -> None:
    qemu = tmp_path / "qemu"
    qemu.write_bytes(b"1234")
    old = Host.here(qemu)
    qemu.write_bytes(b"12345")

    assert Host.here(qemu).key != old.key


def test_a_device_that_is_not_there_is_not_usable(tmp_path: Path) -> None:
    (tmp_path / "kvm").write_text("")

    assert device_usable(tmp_path / "kvm")
    assert not device_usable(tmp_path / "none")


@pytest.mark.parametrize(
    ("value", "folder"), [("/var/cache/me", "/var/cache/me/imagekit"), ("", "~"), ("relative", "~"), (None, "~")]
)
def test_the_cache_is_where_the_user_keeps_caches(
    monkeypatch: pytest.MonkeyPatch, value: str | None, folder: str
) -> None:
    monkeypatch.setenv("HOME", "/home/user")
    if value is None:
        monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    else:
        monkeypatch.setenv("XDG_CACHE_HOME", value)

    assert cache_folder() == Path("/home/user/.cache/imagekit" if folder == "~" else folder)
