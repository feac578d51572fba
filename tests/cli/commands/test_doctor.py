from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from imagekit.engine.doctor import Check, Diagnosis

if TYPE_CHECKING:
    from collections.abc import Callable

DOCTOR = "imagekit.engine.doctor.doctor"
WELL = Diagnosis(checks=(Check(name="qemu", state="ok", detail="/usr/bin/qemu"),))
SLOW = Diagnosis(checks=(Check(name="KVM", state="warn", detail="there is none", fix="modprobe kvm"),))
ILL = Diagnosis(checks=(*SLOW.checks, Check(name="qemu", state="fail", detail="none", fix="apt-get install qemu")))


@pytest.mark.parametrize(("found", "status"), [(WELL, 0), (SLOW, 0), (ILL, 3)])
def test_only_what_the_work_needs_makes_it_fail(
    run: Callable[..., Any], engine: Callable[..., Any], found: Diagnosis, status: int
) -> None:
    engine(DOCTOR, found)

    assert run("doctor").status == status


def test_the_command_that_mends_is_told(run: Callable[..., Any], engine: Callable[..., Any]) -> None:
    engine(DOCTOR, ILL)

    assert "mend it: apt-get install qemu" in run("doctor").out


def test_quick_reaches_the_engine(run: Callable[..., Any], engine: Callable[..., Any]) -> None:
    fake = engine(DOCTOR, WELL)

    run("doctor", "--quick")

    assert fake.kwargs["quick"] is True


def test_with_json_the_checks_are_data_and_the_status_stays(
    run: Callable[..., Any], engine: Callable[..., Any]
) -> None:
    engine(DOCTOR, ILL)

    ran = run("doctor", "--json")

    assert ran.status == 3
    assert Diagnosis.model_validate(json.loads(ran.out)) == ILL


def test_an_argument_is_wrong_usage(run: Callable[..., Any]) -> None:
    assert run("doctor", "me").status == 2
