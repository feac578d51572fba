"""UEFI firmware for virtual machines (OVMF), as distributions package it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from imagekit.vm.errors import FirmwareMissing

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Ovmf:
    """Firmware on the host: its code, and the variables that every machine starts with a copy of."""

    code: Path
    variables: Path


_FOLDERS = (Path("/usr/share/OVMF"), Path("/usr/share/edk2/ovmf"), Path("/usr/share/edk2/x64"))
_NAMES = (
    ("OVMF_CODE_4M.fd", "OVMF_VARS_4M.fd"),
    ("OVMF_CODE.fd", "OVMF_VARS.fd"),
    ("OVMF_CODE.4m.fd", "OVMF_VARS.4m.fd"),
)
KNOWN = tuple(Ovmf(folder / code, folder / variables) for folder in _FOLDERS for code, variables in _NAMES)
"""Where Debian's package ``ovmf`` and its like have it. Debian 13 has the 4 MiB build alone. None of these checks
signatures: an image need not be signed to be booted once."""


def find_ovmf(known: Sequence[Ovmf] = KNOWN) -> Ovmf:
    """Return the first firmware that is there whole.

    Raises:
        FirmwareMissing: none is.
    """
    for each in known:
        if each.code.is_file() and each.variables.is_file():
            return each
    raise FirmwareMissing(tuple(each.code for each in known))
