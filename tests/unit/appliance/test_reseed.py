from __future__ import annotations

import os
import re
import struct
from pathlib import Path

import pytest

from imagekit import process
from imagekit.appliance import reseed

CAP_SYS_ADMIN = 21
NOT_PERMITTED = 255
"""The status of a program that ends with -EPERM."""


def may_reseed() -> bool:
    """Tell whether this process has CAP_SYS_ADMIN, without which random(4) refuses RNDRESEEDCRNG."""
    found = re.search(r"^CapEff:\s*([0-9a-f]+)$", Path("/proc/self/status").read_text(), re.MULTILINE)
    return bool(found and int(found[1], 16) >> CAP_SYS_ADMIN & 1)


@pytest.fixture
def code() -> bytes:
    made = reseed.program("x86_64")
    assert made is not None
    return made


def shell(folder: Path, script: str) -> process.Finished:
    """Run the lines of a script with other files in the place of the appliance's."""
    places = {reseed.PROGRAM: folder / "program", "/dev/urandom": folder / "urandom"}
    for name, place in places.items():
        script = script.replace(name, str(place))
    return process.run(["sh", "-e", "-c", script], check=False)


# The program.
@pytest.mark.parametrize("machine", ["aarch64", "ppc64le", "s390x", "i686", "riscv64", ""])
def test_there_is_no_program_for_other_machines(machine: str) -> None:
    assert reseed.program(machine) is None


def test_the_program_is_one_whole_segment_that_nobody_can_write_to(code: bytes) -> None:
    kind, machine, _, entry, headers, *_ = struct.unpack_from("<HHIQQ", code, 16)
    load, flags, offset, address, _, in_file, in_memory, _ = struct.unpack_from("<IIQQQQQQ", code, headers)

    assert code[:5] == b"\x7fELF\x02"
    assert (kind, machine) == (2, 62)
    assert (load, flags, offset) == (1, 5, 0)
    assert in_file == in_memory == len(code)
    assert code[entry - address :].startswith(b"\xb8\x02")


def test_the_program_reseeds_and_says_whether_it_could(tmp_path: Path, code: bytes) -> None:
    shell(tmp_path, reseed.place(code))

    assert process.run([tmp_path / "program"], check=False).status == (0 if may_reseed() else NOT_PERMITTED)


def test_without_the_right_to_do_so_it_fails(tmp_path: Path, code: bytes) -> None:
    shell(tmp_path, reseed.place(code))
    tamed = ["setpriv", "--bounding-set=-sys_admin", "--"] if may_reseed() else []

    assert process.run([*tamed, tmp_path / "program"], check=False).status == NOT_PERMITTED


def test_the_device_it_opens_is_the_one_that_is_seeded(code: bytes) -> None:
    name = code.index(b"/dev/urandom\0")
    load = code.index(b"\x48\x8d\x3d")
    (distance,) = struct.unpack_from("<i", code, load + 3)

    assert load + 7 + distance == name
    assert name + len(b"/dev/urandom\0") == len(code)


# The shell lines.
def test_the_lines_put_the_program_into_the_appliance_as_it_is_for_root_alone(tmp_path: Path, code: bytes) -> None:
    done = shell(tmp_path, reseed.place(code))

    assert (done.status, done.stdout, done.stderr) == (0, "", "")
    assert (tmp_path / "program").read_bytes() == code
    assert (tmp_path / "program").stat().st_mode & 0o777 == 0o700


@pytest.fixture
def placed(tmp_path: Path) -> Path:
    """A program that counts the bytes which were mixed in before it ran."""
    (tmp_path / "program").write_text(f"#!/bin/sh\nwc -c <{tmp_path}/urandom\n")
    (tmp_path / "program").chmod(0o700)
    return tmp_path


def test_what_the_host_drew_is_mixed_in_before_it_is_brought_into_use(placed: Path) -> None:
    assert shell(placed, reseed.reseed()).stdout.strip() == "64"


def test_each_resume_gets_bytes_of_its_own(placed: Path) -> None:
    drawn = set()
    for _ in range(3):
        shell(placed, reseed.reseed())
        drawn.add((placed / "urandom").read_bytes())

    assert len(drawn) == 3


def test_the_bytes_are_those_of_the_hosts_kernel(placed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "urandom", lambda count: bytes(range(count)))
    shell(placed, reseed.reseed())

    assert (placed / "urandom").read_bytes() == bytes(range(64))


def test_a_program_that_fails_is_a_failure_of_the_script(placed: Path) -> None:
    (placed / "program").write_text("#!/bin/sh\nexit 255\n")

    assert shell(placed, f"set -e\n{reseed.reseed()}echo woken").status != 0
