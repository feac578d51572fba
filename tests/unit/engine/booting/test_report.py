from __future__ import annotations

from typing import Any

import pytest

from imagekit.engine.booting.report import BootRecord, BootReport, CloneRecord, IdentityResult, verdict_of
from imagekit.guest.facts import Facts

UP = BootRecord(number=1, outcome="up", power_off="probe", seconds=1)
FAILED = UP.model_copy(update={"outcome": "failed", "why": "failed units: a"})
UNDECIDED = UP.model_copy(update={"outcome": "undecided", "why": "not up"})
EQUAL = IdentityResult(id="machine-id", title="t", judgement="equal", why="in the image")
PROVEN = IdentityResult(id="ssh", title="t", judgement="proven", hardware=True)


def clone(*boots: BootRecord, **more: Any) -> CloneRecord:
    return CloneRecord(name="clone-1", boots=boots, **more)


@pytest.mark.parametrize(
    ("why", "clones", "identities", "verdict"),
    [
        ("", (clone(UP, UP),), (PROVEN,), "passed"),
        ("", (clone(UP, FAILED),), (PROVEN,), "failed"),
        ("", (clone(UP, UP),), (EQUAL,), "failed"),
        ("", (clone(UNDECIDED),), (PROVEN,), "undecided"),
        ("", (clone(UNDECIDED),), (EQUAL,), "failed"),
        ("", (clone(UP, UP, unread="damaged"),), (PROVEN,), "undecided"),
        ("no init", (), (), "undecided"),
        ("", (), (), "undecided"),
    ],
)
def test_what_was_found_wins_over_what_is_not_known(
    why: str, clones: tuple[CloneRecord, ...], identities: tuple[IdentityResult, ...], verdict: str
) -> None:
    assert verdict_of(why, clones, identities) == verdict


def test_all_that_is_wrong_is_told_in_one_list() -> None:
    report = BootReport(
        image="a.qcow2",
        guest=Facts(),
        firmware="bios",
        accelerator="tcg",
        verdict="failed",
        clones=(clone(UP, FAILED, unread="damaged"),),
        identities=(EQUAL, PROVEN),
        seconds=1,
    )

    assert report.findings == (
        "clone-1, boot 1: failed units: a",
        "clone-1 could not be read: damaged",
        "machine-id: in the image",
    )
    assert report.from_hardware == ("ssh",)
    assert BootReport.model_validate_json(report.model_dump_json()) == report
