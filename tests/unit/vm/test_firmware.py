from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from imagekit.vm.errors import FirmwareMissing
from imagekit.vm.firmware import KNOWN, Ovmf, find_ovmf

if TYPE_CHECKING:
    from pathlib import Path


def ovmf(folder: Path, name: str, *, whole: bool = True) -> Ovmf:
    made = Ovmf(folder / f"{name}_CODE.fd", folder / f"{name}_VARS.fd")
    made.code.touch()
    if whole:
        made.variables.touch()
    return made


def test_the_first_firmware_that_is_there_whole_is_taken(tmp_path: Path) -> None:
    half, first, second = ovmf(tmp_path, "a", whole=False), ovmf(tmp_path, "b"), ovmf(tmp_path, "c")

    assert find_ovmf((half, first, second)) == first


def test_a_host_without_any_is_told_what_to_install(tmp_path: Path) -> None:
    gone = Ovmf(tmp_path / "CODE.fd", tmp_path / "VARS.fd")

    with pytest.raises(FirmwareMissing, match="no UEFI firmware") as raised:
        find_ovmf((gone,))

    assert str(gone.code) in raised.value.why
    assert "apt-get install ovmf" in raised.value.fix
    assert raised.value.exit_status == 3


def test_no_known_firmware_asks_for_signatures() -> None:
    names = {each.code.name for each in KNOWN}

    assert "OVMF_CODE_4M.fd" in names
    assert not [name for name in names if "secboot" in name or ".ms." in name]
