from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from imagekit.engine.booting.report import BootRecord, BootReport, CloneMark, CloneRecord, IdentityResult
from imagekit.guest.facts import Facts
from imagekit_cli.render.boot import boot_lines

UP = BootRecord(number=1, outcome="up", power_off="probe", seconds=84, hostname="clone-1")
LATE = BootRecord(
    number=1, outcome="undecided", why="not up", power_off="unclean", seconds=630, serial_log=Path("/log")
)
BROKEN = BootRecord(
    number=2, outcome="failed", why="failed units: a.service", power_off="acpi", seconds=9, failed_units=("a.service",)
)


def identity(name: str, judgement: Any, why: str = "", **more: Any) -> IdentityResult:
    marks = (CloneMark(clone="clone-1", first="0123456789ab", second="0123456789ab"), CloneMark(clone="clone-2"))
    return IdentityResult(id=name, title=name, judgement=judgement, why=why, clones=marks, **more)


def lines(verdict: Any = "passed", **fields: Any) -> list[str]:
    report = BootReport(
        image="web.qcow2",
        guest=Facts(name="Debian 12"),
        firmware="uefi",
        accelerator="tcg",
        verdict=verdict,
        seconds=1,
        **fields,
    )
    return [line.text for line in boot_lines(report)]


def test_boots_are_a_table() -> None:
    told = lines(clones=(CloneRecord(name="clone-1", boots=(UP,)), CloneRecord(name="clone-2", boots=(LATE, BROKEN))))

    assert told[0] == "web.qcow2: Debian 12; 2 clones, UEFI, tcg"
    assert told[3].split() == ["clone-1", "1", "up", "by", "the", "probe", "1", "min", "24", "s", "none", "clone-1"]
    assert told[4].split()[:5] == ["clone-2", "1", "undecided", "killed,", "unclean"]
    assert "a.service" in told[5]
    assert "serial log: /log" in told


@pytest.mark.parametrize(
    ("judgement", "cells"),
    [
        ("proven", ["no", "yes", "yes", "yes", "01234567", "-"]),
        ("equal", ["no", "yes", "NO", "-", "01234567", "-"]),
        ("missing", ["no", "NO", "-", "-", "01234567", "-"]),
        ("changed", ["no", "yes", "yes", "NO", "01234567", "-"]),
        ("unread", ["no", "-", "-", "-", "01234567", "-"]),
    ],
)
def test_each_identity_says_what_of_it_holds(judgement: str, cells: list[str]) -> None:
    told = lines(identities=(identity("machine-id", judgement),))

    assert ["machine-id", *cells] in [line.split() for line in told]


def test_what_was_booted_once_is_not_said_to_stay() -> None:
    once = identity("machine-id", "proven").model_copy(update={"clones": (CloneMark(clone="clone-1", first="abc"),)})

    assert ["machine-id", "no", "yes", "yes", "-", "abc"] in [line.split() for line in lines(identities=(once,))]


def test_what_a_boot_renews_is_not_said_to_stay() -> None:
    marks = (CloneMark(clone="clone-1", first="abc", second="def"),)
    renewed = identity("random-seed", "proven").model_copy(update={"clones": marks})

    assert ["random-seed", "no", "yes", "yes", "renewed", "def"] in [
        line.split() for line in lines(identities=(renewed,))
    ]


def test_what_is_no_identity_of_clones_is_one_line_and_what_is_unused_none() -> None:
    told = lines(identities=(identity("logs", "noted"), identity("tmp", "noted"), identity("tor", "unused"), identity("a", "proven")))  # fmt: skip

    assert "there, and no identity that clones must not share: logs, tmp" in told
    assert not any("tor" in line for line in told)


def test_what_came_from_the_hardware_is_named() -> None:
    told = lines(same_hardware=True, identities=(identity("machine-id", "hardware", hardware=True),))

    assert "the same hardware" in told[0]
    assert any("not with this hardware" in line for line in told)
    assert any(line.startswith("from the hardware: machine-id") for line in told)


def test_a_verdict_stands_below_with_all_that_speaks_against() -> None:
    told = lines("failed", identities=(identity("machine-id", "equal", "the image holds it"),))

    assert told[-2:] == ["failed", "  machine-id: the image holds it"]
    assert lines("undecided", why="no init")[-2:] == ["undecided: nothing is proven", "  no init"]


def test_one_clone_alone_is_not_said_to_differ() -> None:
    told = lines(clones=(CloneRecord(name="clone-1", boots=(UP,)),))

    assert "one clone has none to differ from" in told[-1]


def test_remarks_stand_below_the_boots() -> None:
    told = lines(clones=(CloneRecord(name="clone-1", boots=(UP.model_copy(update={"remarks": ("no seed",)}),)),))

    assert "  note: clone-1, boot 1: no seed" in told
