from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
import typer

from imagekit.diagnostics import Diagnostic, Place, SpecInvalid
from imagekit.errors import (
    ApplianceError,
    FindingsError,
    HostError,
    ImageError,
    ImagekitError,
    SpecError,
    StepError,
)
from imagekit.signals import Terminated
from imagekit_cli.boundary import drawn, guarded

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def raising(error: BaseException) -> Callable[[], int]:
    def action() -> int:
        raise error

    return action


def test_an_action_that_ends_well_gives_its_own_status() -> None:
    assert guarded(lambda: 5, json=False) == 5


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (SpecError("x"), 2),
        (HostError("x"), 3),
        (ImageError("x"), 4),
        (FindingsError("x"), 5),
        (ApplianceError("x"), 6),
        (StepError("x"), 7),
        (KeyboardInterrupt(), 130),
        (Terminated(), 143),
        (typer.Exit(9), 9),
        (KeyError("x"), 1),
        (typer.BadParameter("x"), 2),
    ],
)
def test_every_end_has_its_exit_status(error: BaseException, status: int) -> None:
    assert guarded(raising(error), json=False) == status


@pytest.mark.parametrize(
    "error", [SpecError("x"), KeyboardInterrupt(), Terminated(), KeyError("x"), typer.BadParameter("x")]
)
def test_with_json_every_error_is_one_document_on_stdout(
    error: BaseException, capsys: pytest.CaptureFixture[str]
) -> None:
    status = guarded(raising(error), json=True)

    told = capsys.readouterr()
    document = json.loads(told.out)["error"]
    assert {"code", "message", "why", "fix", "exit_status"} <= document.keys()
    assert document["exit_status"] == status
    assert told.err == ""


def test_an_error_says_what_why_and_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    guarded(raising(HostError("no room", why="the disk is full", fix="free some")), json=False)

    told = capsys.readouterr()
    assert told.out == ""
    assert told.err == "error IK-HOST-000  no room\n  why:  the disk is full\n  fix:  free some\n"


def test_an_error_without_more_is_one_line() -> None:
    assert drawn(ImagekitError("no")) == "error IK-GEN-000  no"


def test_the_problems_of_a_spec_are_drawn_on_its_lines_and_counted() -> None:
    place = Place("spec.yaml", 1, 3, 4, "a: wrong")

    text = drawn(SpecInvalid((Diagnostic("IK-SPEC-014", "must be a list", "a", place),)))

    assert text.splitlines() == [
        "spec.yaml:1:3  error IK-SPEC-014  a: must be a list",
        "    1 | a: wrong",
        "      |   ^^^^",
        "",
        "1 problem in the spec",
    ]


def test_a_bug_shows_no_traceback_and_names_a_log_that_has_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    guarded(raising(ZeroDivisionError("by cheese")), json=False)

    told = capsys.readouterr().err
    (log,) = (tmp_path / "state" / "imagekit").iterdir()
    assert "Traceback" not in told
    assert "ZeroDivisionError: by cheese" in told
    assert str(log) in told
    assert "Traceback" in log.read_text()


def test_text_of_a_guest_in_an_error_cannot_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    guarded(raising(StepError("it said \x1b]0;owned\x07")), json=False)

    assert "\x1b" not in capsys.readouterr().err


def test_an_error_keeps_its_status_when_nobody_can_be_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with open("/dev/full", "w") as full:  # noqa: PTH123  a device
        monkeypatch.setattr("sys.stdout", full)
        status = guarded(raising(StepError("x")), json=True)
        monkeypatch.undo()

    assert status == 7
