from __future__ import annotations

import pytest

from imagekit.engine.doctor import Check, Diagnosis
from imagekit_cli.render.doctor import doctor_lines

OK = Check(name="qemu", state="ok", detail="/usr/bin/qemu")
WARN = Check(name="KVM", state="warn", detail="none", fix="modprobe kvm")
FAIL = Check(name="kernel", state="fail", detail="none", fix="apt-get install linux-image-amd64")


def test_each_check_is_a_line_with_what_mends_it_below() -> None:
    lines = [line.text for line in doctor_lines(Diagnosis(checks=(OK, WARN)))]

    assert lines[:3] == ["ok    qemu  /usr/bin/qemu", "warn  KVM   none", "            mend it: modprobe kvm"]


@pytest.mark.parametrize(
    ("checks", "verdict"),
    [
        ((OK,), "this host can do the work"),
        ((OK, WARN), "this host can do the work; 1 thing could be better"),
        ((WARN, FAIL), "this host cannot do the work yet: 1 thing must be mended"),
    ],
)
def test_the_last_line_is_the_verdict(checks: tuple[Check, ...], verdict: str) -> None:
    assert list(doctor_lines(Diagnosis(checks=checks)))[-1].text == verdict
