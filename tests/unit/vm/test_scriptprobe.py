"""The probe for OpenRC and System V init: shell, run here with what it would find in a guest."""

from __future__ import annotations

import subprocess

import pytest

from imagekit.vm.probe import PORT, SCRIPT_PATH
from imagekit.vm.scriptprobe import OPENRC_SCRIPT, OPENRC_SERVICE, SYSV_SCRIPT, SYSV_SERVICE


@pytest.mark.parametrize("text", [OPENRC_SCRIPT, SYSV_SCRIPT, SYSV_SERVICE, OPENRC_SERVICE])
def test_it_is_shell(text: str) -> None:
    subprocess.run(["sh", "-n"], input=text, check=True, text=True)


@pytest.mark.parametrize("script", [OPENRC_SCRIPT, SYSV_SCRIPT])
def test_it_waits_then_reports_to_the_port_then_powers_off(script: str) -> None:
    assert script.splitlines()[-4:] == ["wait_for_services", 'report > "$port"', "sync", "poweroff"]
    assert f"/dev/virtio-ports/{PORT}" in script
    assert "@" not in script


def test_openrc_tells_what_failed_and_sysv_says_that_it_cannot() -> None:
    assert "/run/openrc/failed/*" in OPENRC_SCRIPT
    assert "failures unknown" in SYSV_SCRIPT
    assert "failures unknown" not in OPENRC_SCRIPT


def test_a_service_starts_the_program_behind_its_back_and_last_of_all() -> None:
    started = f"{SCRIPT_PATH} </dev/null >/dev/null 2>&1 &"

    assert started in OPENRC_SERVICE
    assert started in SYSV_SERVICE
    assert "after *" in OPENRC_SERVICE
    assert "# Required-Start:    $all" in SYSV_SERVICE
