from __future__ import annotations

import pytest

from imagekit.diagnostics import Problem
from imagekit.system.services.openrc import OpenRc, enable
from imagekit.testing.memory import File, Link, MemoryGuest


@pytest.fixture
def guest() -> MemoryGuest:
    return MemoryGuest(
        {
            "/etc/init.d/nginx": File("", mode=0o755),
            "/etc/init.d/hwclock": File("", mode=0o755),
            "/etc/runlevels/boot/hwclock": Link("/etc/init.d/hwclock"),
        }
    )


def test_a_service_is_put_into_the_default_runlevel(guest: MemoryGuest) -> None:
    OpenRc().enable(guest, "nginx")

    assert guest.readlink("/etc/runlevels/default/nginx") == "/etc/init.d/nginx"
    assert OpenRc().state(guest, "nginx") == "enabled"


def test_a_service_that_is_in_another_runlevel_stays_there(guest: MemoryGuest) -> None:
    OpenRc().enable(guest, "hwclock")

    assert not guest.exists("/etc/runlevels/default")


def test_disabling_takes_it_out_of_every_runlevel(guest: MemoryGuest) -> None:
    enable(guest, "hwclock", "default")

    OpenRc().disable(guest, "hwclock")

    assert guest.glob_expand("/etc/runlevels/*/hwclock") == ()
    assert OpenRc().state(guest, "hwclock") == "disabled"


def test_a_masked_service_is_in_no_runlevel_and_cannot_run(guest: MemoryGuest) -> None:
    OpenRc().mask(guest, "hwclock")
    OpenRc().mask(guest, "not-there")

    assert OpenRc().state(guest, "hwclock") == "masked"
    assert guest.lstat("/etc/init.d/hwclock").mode == 0o644
    with pytest.raises(Problem):
        OpenRc().enable(guest, "hwclock")


@pytest.mark.parametrize("verb", ["enable", "disable"])
def test_a_service_that_is_not_there_is_said_so(guest: MemoryGuest, verb: str) -> None:
    with pytest.raises(Problem, match=r"no /etc/init\.d/none"):
        getattr(OpenRc(), verb)(guest, "none")

    assert OpenRc().state(guest, "none") == "missing"
