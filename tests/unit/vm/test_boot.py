"""Boots of machines whose whole guest is one boot sector: real qemu, a second each."""

from __future__ import annotations

import contextlib
import itertools
import socket
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from imagekit.process import ending, spawn
from imagekit.vm.boot import _Watch, boot
from imagekit.vm.errors import MachineDied
from imagekit.vm.machine import Drive, Flash, Machine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.boots

# 16-bit code. The serial port is at 0x3f8; q35's power register (PM1a_CNT) is at 0x604, where SeaBIOS puts it.
HELLO = bytes.fromhex("ba f803 b0 48 ee b0 49 ee b0 0a ee")  # mov dx,3f8h; out 'H', 'I', newline
POWER_OFF = bytes.fromhex("ba 0406 b8 0020 ef")  # mov dx,604h; mov ax,2000h; out dx,ax
RESET = bytes.fromhex("b0 fe e6 64")  # mov al,0feh; out 64h,al: the keyboard controller's reset line
HANG = bytes.fromhex("fa f4 eb fd")  # cli; hlt; and again
CHATTER = bytes.fromhex("ba f803 b0 2e ee eb fd")  # mov dx,3f8h; out '.'; for ever
# cli; mov dx,602h; mov ax,100h; out dx,ax: PM1a_EN, power button; mov dx,600h; in ax,dx; test ah,1; jz: until pressed
BUTTON = bytes.fromhex("fa ba 0206 b8 0001 ef ba 0006 ed f6c401 74fa")
NEVER = 60.0


def machine(folder: Path, code: bytes) -> Machine:
    disk = folder / "sector.img"
    disk.write_bytes((code + HANG).ljust(510, b"\0") + b"\x55\xaa" + bytes(1 << 20))
    return Machine(drives=(Drive(disk, "raw"),), mac="52:54:00:00:00:01", uuid="11111111-2222-4333-8444-555555555555")


def test_a_guest_that_powers_off_ends_its_boot(tmp_path: Path) -> None:
    result = boot(machine(tmp_path, HELLO + POWER_OFF), deadline=NEVER)

    assert result.ended == "powered-off"
    assert result.serial == "HI\n"
    assert not result.report.complete


def test_a_guest_that_resets_itself_ends_its_boot(tmp_path: Path) -> None:
    assert boot(machine(tmp_path, HELLO + RESET), deadline=NEVER).ended == "reset"


def test_a_guest_that_is_still_up_has_its_power_button_pressed(tmp_path: Path) -> None:
    assert boot(machine(tmp_path, BUTTON + POWER_OFF), deadline=0.5, grace=NEVER).ended == "deadline"


def test_a_guest_that_hangs_is_killed(tmp_path: Path) -> None:
    assert boot(machine(tmp_path, HELLO), deadline=0.1, grace=0.1).ended == "killed"


def test_a_guest_that_never_stops_talking_is_killed_all_the_same(tmp_path: Path) -> None:
    result = boot(machine(tmp_path, CHATTER), deadline=3.0, grace=0.1)

    assert result.ended == "killed"
    assert set(result.serial) == {"."}


def test_a_machine_that_qemu_cannot_run_is_an_error_with_its_reason(tmp_path: Path) -> None:
    broken = machine(tmp_path, HELLO)
    broken.drives[0].path.unlink()

    with pytest.raises(MachineDied, match="status 1") as raised:
        boot(broken, deadline=NEVER)

    assert "No such file" in raised.value.why


@pytest.fixture
def watch() -> Iterator[Callable[[float], tuple[_Watch, socket.socket]]]:
    """Return who watches a process that goes on for ever, and the guest's end of the probe's port."""
    with contextlib.ExitStack() as stack:

        def begin(settle: float) -> tuple[_Watch, socket.socket]:
            pairs = [socket.socketpair() for _ in range(3)]
            for end in itertools.chain.from_iterable(pairs):
                stack.enter_context(end)
            child = stack.enter_context(ending(spawn(["sleep", "60"])))
            watching = stack.enter_context(_Watch(child.pid, tuple(ours for ours, _ in pairs), settle))
            return watching, pairs[2][1]

        yield begin


def test_a_guest_that_stays_up_after_its_report_is_not_waited_for(
    watch: Callable[[float], tuple[_Watch, socket.socket]],
) -> None:
    watching, port = watch(0.0)
    port.sendall(b"hostname a\nend\n")

    assert not watching.until(time.monotonic() + NEVER)


def test_a_report_that_is_not_whole_ends_no_wait(watch: Callable[[float], tuple[_Watch, socket.socket]]) -> None:
    watching, port = watch(0.0)
    port.sendall(b"hostname a\n")
    until = time.monotonic() + 0.1

    assert not watching.until(until)
    assert time.monotonic() >= until


def test_no_process_and_no_descriptor_stays_behind(tmp_path: Path) -> None:
    children = Path("/proc/self/task").joinpath(Path("/proc/self").readlink(), "children")
    before, young = sorted(Path("/proc/self/fd").iterdir()), children.read_text()
    boot(machine(tmp_path, HELLO), deadline=0.1, grace=0.1)

    assert sorted(Path("/proc/self/fd").iterdir()) == before
    assert children.read_text() == young


def test_a_machine_whose_firmware_is_in_flash_starts(tmp_path: Path) -> None:
    flash = Flash(tmp_path / "code.fd", tmp_path / "variables.fd")
    flash.code.write_bytes((HANG * 64).ljust((1 << 20) - 16, b"\xf4") + HANG.ljust(16, b"\xf4"))  # the reset vector
    flash.variables.write_bytes(bytes(256 << 10))

    result = boot(replace(machine(tmp_path, HELLO), flash=flash), deadline=0.5, grace=0.1)

    assert result.ended == "killed"
    assert result.serial == ""
