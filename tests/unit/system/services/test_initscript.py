from __future__ import annotations

import pytest

from imagekit.diagnostics import Problem
from imagekit.system.services import initscript
from imagekit.testing.memory import File, MemoryGuest


def test_a_mask_takes_the_right_to_run_and_nothing_else() -> None:
    guest = MemoryGuest({"/etc/init.d/x": File("", mode=0o755)})

    initscript.mask(guest, "x")

    assert guest.lstat("/etc/init.d/x").mode == 0o644
    assert initscript.is_masked(guest, "x")
    with pytest.raises(Problem, match="masked"):
        initscript.must_be_startable(guest, "x")


def test_a_script_that_is_not_there_gets_the_nearest_name() -> None:
    guest = MemoryGuest({"/etc/init.d/sshd": File("", mode=0o755)})

    with pytest.raises(Problem) as caught:
        initscript.must_exist(guest, "ssh")

    assert "sshd" in caught.value.fix
    initscript.must_be_startable(guest, "sshd")
