"""Errors of a boot that are not the guest's doing."""

from __future__ import annotations

from pathlib import Path

from imagekit.errors import ApplianceError
from imagekit.vm.errors import FirmwareMissing, MachineDied


def test_a_dead_machine_is_explained_by_qemus_last_line() -> None:
    error = MachineDied(1, "warning: this\nqemu-system-x86_64: Could not open 'x'\n")

    assert isinstance(error, ApplianceError)
    assert error.why == "qemu-system-x86_64: Could not open 'x'"
    assert (error.status, error.exit_status) == (1, 6)


def test_a_dead_machine_may_have_said_nothing() -> None:
    assert MachineDied(-9, "").why == ""


def test_firmware_that_is_missing_is_for_who_looks_after_the_host() -> None:
    error = FirmwareMissing((Path("/usr/share/OVMF/OVMF_CODE_4M.fd"),))

    assert error.exit_status == 3
    assert "OVMF_CODE_4M.fd" in error.why
