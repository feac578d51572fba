from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from imagekit.appliance.errors import LaunchFailed
from imagekit.appliance.session import Settings
from imagekit.engine.doctor import launch as module
from imagekit.engine.doctor.launch import Launch, check_appliance, check_kvm, launch
from imagekit.events import silent
from imagekit.process import ToolMissing

if TYPE_CHECKING:
    from pathlib import Path

    from imagekit.engine.doctor.host import Host

UP, EMULATED = Launch("kvm", 3.0), Launch("tcg", 9.0)


def test_an_appliance_that_came_up_tells_how_long_it_took() -> None:
    check = check_appliance(EMULATED)

    assert (check.state, check.detail) == ("ok", "came up in 9.0 s with TCG")


def test_one_that_did_not_says_why_and_what_tells_more() -> None:
    check = check_appliance(Launch(reason="supermin exited"))

    assert (check.state, check.detail, check.fix) == ("fail", "supermin exited", "libguestfs-test-tool")


def test_no_kvm_device_is_slower_but_works(bare: Host) -> None:
    check = check_kvm(bare, EMULATED)

    assert check.state == "warn"
    assert "modprobe" in check.fix


def test_a_device_that_the_user_may_not_open_is_a_matter_of_the_group(
    bare: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare.kvm.touch()
    monkeypatch.setattr(os, "access", lambda _path, _mode: False)  # root may open whatever its mode is

    check = check_kvm(bare, EMULATED)

    assert check.state == "warn"
    assert "usermod -aG kvm" in check.fix


@pytest.mark.parametrize(
    ("done", "state", "told"),
    [
        (UP, "ok", "works"),
        (EMULATED, "warn", "no appliance comes up with it"),
        (Launch(reason="x"), "warn", "nothing came up to try it with"),
        (None, "ok", "was not tried"),
    ],
)
def test_a_device_is_judged_by_the_launch(bare: Host, done: Launch | None, state: str, told: str) -> None:
    bare.kvm.touch()

    check = check_kvm(bare, done)

    assert check.state == state
    assert told in check.detail


@pytest.mark.parametrize("error", [LaunchFailed("no"), ToolMissing("qemu-system-x86_64")])
def test_a_launch_that_fails_is_a_finding_and_no_error(
    error: Exception, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def refuse(*_args: object, **_kwargs: object) -> None:
        raise error

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(module, "find_qemu", refuse)

    assert launch(Settings(), silent) == Launch(reason=str(error))
