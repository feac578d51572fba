"""Whose machine code a program of the guest is, by its ELF header."""

from __future__ import annotations

from typing import Literal

HEADER_SIZE = 20
"""Bytes of an ELF file that ``machine_of`` needs."""

_LITTLE = 1
# e_machine of the System V ABI, as in elf.h, with class and byte order where uname -m tells them apart.
_MACHINES: dict[tuple[int, int, int], str] = {
    (3, 1, 1): "i686",
    (62, 2, 1): "x86_64",
    (40, 1, 1): "armv7l",
    (183, 2, 1): "aarch64",
    (21, 2, 1): "ppc64le",
    (21, 2, 2): "ppc64",
    (22, 2, 2): "s390x",
    (243, 2, 1): "riscv64",
    (258, 2, 1): "loongarch64",
    (8, 2, 1): "mips64",
}


def machine_of(header: bytes) -> str:
    """Return the machine as ``uname -m`` would name it; "unknown" for another, "" if this is no ELF header."""
    if len(header) < HEADER_SIZE or header[:4] != b"\x7fELF":
        return ""
    bits, order = header[4], header[5]
    machine = int.from_bytes(header[18:20], "little" if order == _LITTLE else "big")
    return _MACHINES.get((machine, bits, order), "unknown")


def header_for(machine: str) -> bytes:
    """Return the first bytes of a program for a machine: enough for ``machine_of``, not enough to run.

    Raises:
        KeyError: the machine is not known.
    """
    number, bits, order = {name: key for key, name in _MACHINES.items()}[machine]
    endian: Literal["little", "big"] = "little" if order == _LITTLE else "big"
    identification = b"\x7fELF" + bytes([bits, order, 1]) + bytes(9)
    return identification + (2).to_bytes(2, endian) + number.to_bytes(2, endian)
