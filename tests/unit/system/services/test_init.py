from __future__ import annotations

import pytest

from imagekit.diagnostics import Problem
from imagekit.guest.facts import Facts
from imagekit.system.services.init import SystemdOrScript, init_of
from imagekit.system.services.openrc import OpenRc
from imagekit.system.services.sysv import SysV
from imagekit.testing.memory import Dir, File, MemoryGuest


def test_each_guest_gets_its_own_init(debian: MemoryGuest, alpine: MemoryGuest) -> None:
    assert isinstance(init_of(debian.facts), SystemdOrScript)
    assert isinstance(init_of(alpine.facts), OpenRc)
    assert isinstance(init_of(Facts(init="sysvinit")), SysV)
    assert init_of(Facts()) is None


@pytest.fixture
def guest() -> MemoryGuest:
    """A guest of systemd with a unit, and with a service that has a script alone."""
    return MemoryGuest(
        {
            "/usr/lib/systemd/system/a.service": "[Install]\nWantedBy=multi-user.target\n",
            "/etc/init.d/a": File("", mode=0o755),
            "/etc/init.d/old": File("", mode=0o755),
            "/etc/rc3.d": Dir(),
        }
    )


def test_where_a_unit_is_the_script_does_not_count(guest: MemoryGuest) -> None:
    SystemdOrScript().enable(guest, "a")

    assert guest.exists("/etc/systemd/system/multi-user.target.wants/a.service")
    assert guest.ls("/etc/rc3.d") == ()


def test_a_script_without_a_unit_is_enabled_as_a_script(guest: MemoryGuest) -> None:
    init = SystemdOrScript()

    init.enable(guest, "old.service")
    enabled = init.state(guest, "old")
    init.disable(guest, "old")

    assert enabled == "enabled"
    assert init.state(guest, "old") == "disabled"
    assert guest.ls("/etc/rc3.d") == ("K80old",)


def test_a_name_that_is_neither_is_said_so(guest: MemoryGuest) -> None:
    for name in ("none", "old.timer"):
        with pytest.raises(Problem, match=f"no {name}"):
            SystemdOrScript().enable(guest, name)
