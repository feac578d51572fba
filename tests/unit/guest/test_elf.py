from __future__ import annotations

import platform
import sys
from pathlib import Path

import pytest

from imagekit.guest.elf import HEADER_SIZE, header_for, machine_of


@pytest.mark.parametrize(
    "machine", ["x86_64", "i686", "aarch64", "armv7l", "ppc64le", "ppc64", "s390x", "riscv64", "loongarch64"]
)
def test_a_machine_is_known_by_its_header(machine: str) -> None:
    assert len(header_for(machine)) == HEADER_SIZE
    assert machine_of(header_for(machine)) == machine


def test_a_real_program_has_the_machine_that_runs_it() -> None:
    with Path(sys.executable).open("rb") as program:
        header = program.read(HEADER_SIZE)

    assert machine_of(header) == platform.machine()


@pytest.mark.parametrize("header", [b"", b"#!/bin/sh\n" + bytes(20), header_for("x86_64")[:19], b"\x7fELF"])
def test_what_is_no_header_is_no_machine(header: bytes) -> None:
    assert machine_of(header) == ""


def test_another_machine_is_unknown() -> None:
    assert machine_of(header_for("x86_64")[:18] + b"\xff\xff") == "unknown"


def test_a_machine_without_a_name_has_no_header() -> None:
    with pytest.raises(KeyError):
        header_for("pdp11")
