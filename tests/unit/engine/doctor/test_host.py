from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from imagekit.engine.doctor.host import Host

if TYPE_CHECKING:
    import pytest


def test_programs_for_administrators_are_found_by_every_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/only/this")

    assert Host().path.split(":") == ["/only/this", "/usr/local/sbin", "/usr/sbin", "/sbin"]


def test_the_first_program_that_there_is_counts(whole: Host) -> None:
    assert whole.which("none", "qemu-img") == f"{whole.path}/qemu-img"
    assert whole.which("none") == ""


def test_a_program_that_fails_or_is_not_there_says_nothing() -> None:
    ask = Host().ask

    assert ask([sys.executable, "-c", "raise SystemExit(1)"]) is None
    assert ask(["/no/such/program"]) is None


def test_a_program_that_answers_is_heard() -> None:
    said = Host().ask([sys.executable, "-c", "print('hello')"])

    assert said is not None
    assert said.stdout == "hello\n"
