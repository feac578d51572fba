from __future__ import annotations

import pytest

from imagekit.engine.doctor.check import Check, Diagnosis, State


@pytest.mark.parametrize(("states", "able"), [((), True), (("ok", "warn"), True), (("ok", "fail", "warn"), False)])
def test_a_host_can_do_the_work_unless_a_check_failed(states: tuple[State, ...], *, able: bool) -> None:
    checks = tuple(Check(name="x", state=state, detail="") for state in states)

    assert Diagnosis(checks=checks).able is able
