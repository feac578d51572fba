from __future__ import annotations

import re
import uuid

import pytest

from imagekit.engine.booting.hardware import make_clones
from imagekit.engine.errors import BadCloneCount


def test_each_clone_has_a_machine_of_its_own() -> None:
    clones = make_clones(3, same_hardware=False)

    assert [clone.name for clone in clones] == ["clone-1", "clone-2", "clone-3"]
    for name in ("mac", "uuid", "serial"):
        assert len({getattr(clone.hardware, name) for clone in clones}) == 3


def test_with_the_same_hardware_all_of_it_is_the_same() -> None:
    first, second = make_clones(2, same_hardware=True)

    assert first.hardware == second.hardware
    assert first.name != second.name


def test_a_mac_is_of_qemus_range_and_a_uuid_is_one() -> None:
    hardware = make_clones(1, same_hardware=False)[0].hardware

    assert re.fullmatch(r"52:54:00(:[0-9a-f]{2}){3}", hardware.mac)
    assert str(uuid.UUID(hardware.uuid)) == hardware.uuid


def test_the_uuid_is_in_no_repr_for_a_machine_id_may_be_made_of_it() -> None:
    hardware = make_clones(1, same_hardware=False)[0].hardware

    assert hardware.uuid not in repr(hardware)


def test_content_that_holds_a_machines_identity_is_known() -> None:
    hardware = make_clones(1, same_hardware=False)[0].hardware
    plain = hardware.uuid.replace("-", "")

    held = [plain, hardware.uuid.upper(), f'ATTR{{address}}=="{hardware.mac}"', f"serial {hardware.serial}"]
    assert all(hardware.is_in(text.encode()) for text in held)
    assert not hardware.is_in(b"0123456789abcdef0123456789abcdef\n\xff")


@pytest.mark.parametrize("count", [0, 17])
def test_so_many_clones_are_refused(count: int) -> None:
    with pytest.raises(BadCloneCount, match=f"{count} clones"):
        make_clones(count, same_hardware=False)
