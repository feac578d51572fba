"""The fixtures themselves are sound: what the tests of the product stand on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from imagekit.images.seed import write_seed_iso

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from imagekit.vm.boot import BootResult

pytestmark = [pytest.mark.appliance, pytest.mark.boots]

MARK = "/root/seed-was-here"
USER_DATA = f"#cloud-config\nwrite_files:\n  - {{path: {MARK}, content: applied}}\n"
META_DATA = "instance-id: fixture-1\nlocal-hostname: first\n"


@pytest.fixture(scope="module")
def booted(debian_12, first_boot, tmp_path_factory):
    workdir = tmp_path_factory.mktemp("boot")
    seed = workdir / "seed.iso"
    write_seed_iso(seed, user_data=USER_DATA.encode(), meta_data=META_DATA.encode())
    return first_boot(debian_12, workdir, name="first", seed=seed)


@pytest.fixture(scope="module")
def result(booted) -> BootResult:
    return booted.result


@pytest.fixture(scope="module")
def files(booted, look_at_image):
    paths = ["/etc/machine-id", "/etc/hostname", "/etc/ssh/ssh_host_*_key", "/var/lib/dbus/machine-id", MARK]
    return look_at_image(booted.disk, paths)


def test_it_comes_up_and_powers_off_when_it_is_told_to(result: BootResult) -> None:
    assert result.ended == "powered-off"
    assert result.report.complete


def test_no_unit_failed_and_sshd_runs(result: BootResult) -> None:
    assert result.report.failed == ()
    assert result.report.units["ssh.service"] == "active"


def test_cloud_init_took_the_seed(result: BootResult, files) -> None:
    assert "NoCloud" in result.report.cloud_init["v1"]["datasource"]
    assert result.report.cloud_init["v1"]["errors"] == []
    assert result.report.hostname == "first"
    assert files[MARK].content == b"applied"


def test_its_serial_line_tells_the_boot_from_kernel_to_login(result: BootResult) -> None:
    assert "Linux version 6.1" in result.serial
    assert "first login:" in result.serial
    assert result.report.units["multi-user.target"] == "active"


def test_the_machine_id_is_the_recipes_and_stays(files) -> None:
    expected = b"1f2e3d4c5b6a4798a1b2c3d4e5f60718\n"

    assert files["/etc/machine-id"].content == expected
    assert files["/var/lib/dbus/machine-id"].content == expected
    assert files["/var/lib/dbus/machine-id"].kind == "file"


def test_host_keys_are_there(files) -> None:
    keys = {path for path in files if path.startswith("/etc/ssh/")}

    assert {f"/etc/ssh/ssh_host_{kind}_key" for kind in ("rsa", "ecdsa", "ed25519")} <= keys
    assert all(files[key].mode == 0o600 for key in keys)


def test_a_path_that_is_not_there_is_seen_as_none(
    debian_12: Path, read_image: Callable[[Path, Iterable[str]], dict[str, bytes | None]]
) -> None:
    assert read_image(debian_12, ["/no/such/file", "/no/such/*", "/etc/hostname"]) == {
        "/no/such/file": None,
        "/etc/hostname": b"fixture\n",
    }
