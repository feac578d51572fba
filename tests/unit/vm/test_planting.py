from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from imagekit.guest.facts import Facts
from imagekit.testing.memory import Dir, MemoryGuest
from imagekit.vm.planting import WANTED_PATH, Unplantable, plant
from imagekit.vm.probe import SCRIPT, SCRIPT_PATH, UNIT, UNIT_PATH
from imagekit.vm.scriptprobe import OPENRC_SCRIPT, SYSV_SCRIPT

if TYPE_CHECKING:
    from collections.abc import Callable


def test_systemd_gets_a_unit_that_its_own_target_wants(debian: MemoryGuest) -> None:
    plant(debian)

    assert debian.read_file(SCRIPT_PATH).decode() == SCRIPT
    assert debian.lstat(SCRIPT_PATH).mode == 0o755
    assert debian.read_file(UNIT_PATH).decode() == UNIT
    assert debian.read_file(WANTED_PATH) == b"[Unit]\nWants=imagekit-probe.service\n"


def test_no_link_is_made_that_presets_of_a_first_boot_would_take_away(debian: MemoryGuest) -> None:
    plant(debian)

    assert debian.glob_expand("/etc/systemd/system/*.wants/imagekit-probe.service") == ()


def test_selinux_may_start_it(rocky: MemoryGuest) -> None:
    assert rocky.facts.selinux
    plant(rocky)

    assert rocky.lgetxattr(SCRIPT_PATH, "security.selinux") == b"system_u:object_r:bin_t:s0\0"
    assert rocky.lgetxattr(UNIT_PATH, "security.selinux") == b"system_u:object_r:systemd_unit_file_t:s0\0"


def test_a_guest_without_selinux_gets_no_label(debian: MemoryGuest) -> None:
    plant(debian)

    assert debian.lgetxattr(SCRIPT_PATH, "security.selinux") is None


def test_openrc_gets_a_service_in_its_default_runlevel(alpine: MemoryGuest) -> None:
    plant(alpine)

    assert alpine.read_file(SCRIPT_PATH).decode() == OPENRC_SCRIPT
    assert alpine.readlink("/etc/runlevels/default/imagekit-probe") == "/etc/init.d/imagekit-probe"


@pytest.fixture
def sysv() -> Callable[..., MemoryGuest]:
    facts = Facts(init="sysvinit")
    return lambda *folders: MemoryGuest({"/etc/init.d": Dir(), **dict.fromkeys(folders, Dir())}, facts)


def test_system_v_init_starts_it_as_the_last_script(sysv: Callable[..., MemoryGuest]) -> None:
    guest = sysv("/etc/rc2.d", "/etc/rc6.d")

    plant(guest)

    assert guest.read_file(SCRIPT_PATH).decode() == SYSV_SCRIPT
    assert guest.ls("/etc/rc2.d") == ("S99imagekit-probe",)


def test_a_guest_that_starts_nothing_is_said_to_be_mute(sysv: Callable[..., MemoryGuest]) -> None:
    with pytest.raises(Unplantable, match="what starts services"):
        plant(MemoryGuest({"/etc": Dir()}, Facts(init="unknown")))
    with pytest.raises(Unplantable, match=r"rcN\.d"):
        plant(sysv())
