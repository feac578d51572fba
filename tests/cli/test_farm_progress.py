from __future__ import annotations

import io
import json
import re
import sys
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

from imagekit.events import StageStarted
from imagekit.farm.events import FarmFinished, FarmStarted, JobFinished, JobRetried, JobStarted, JobWentOn
from imagekit_cli.errors import CannotWrite
from imagekit_cli.farm_progress import LiveFarm, PlainFarm, drawn, left_in_words, watching_farm
from imagekit_cli.farm_state import FarmState
from imagekit_cli.shared_options import Common

if TYPE_CHECKING:
    from pathlib import Path

    from imagekit.events import Event

DONE = JobFinished("web-a", 0, "done", False, 1, 12.0, 0, "", "", "/out/web-a.qcow2")
FAILED = JobFinished("web-b", 1, "failed", False, 1, 8.0, 7, "IK-STEP-001", "step 1 failed", "/out/web-b.qcow2")
EVENTS: tuple[Event, ...] = (
    FarmStarted(3, 0, 2, "/out/farm.journal.sqlite"),
    JobStarted("web-a", 0, 1, "/out/web-a.qcow2"),
    JobStarted("web-b", 1, 1, "/out/web-b.qcow2"),
    JobWentOn("web-a", 0, StageStarted("start appliance").document()),
    JobRetried("web-b", 1, "IK-HOST-001", "no tool"),
    JobStarted("web-b", 1, 2, "/out/web-b.qcow2"),
    DONE,
    FAILED,
    FarmFinished(1, 1, 0, 1, 0, 20.0),
)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def rendered(state: FarmState, most: int = 10, width: int = 100) -> list[str]:
    console = Console(file=io.StringIO(), width=width, height=50)
    console.print(drawn(state, most))
    return [line.rstrip() for line in console.file.getvalue().splitlines()]


def state_after(*events: Event) -> FarmState:
    state = FarmState(lambda: 0.0)
    for event in events:
        state(event)
    return state


def test_a_pipe_gets_a_line_for_each_job_that_begins_ends_or_is_tried_again() -> None:
    stream = io.StringIO()
    with PlainFarm(stream) as display:
        for event in EVENTS:
            display(event)

    assert stream.getvalue().splitlines() == [
        "3 jobs; 2 at a time; the journal is /out/farm.journal.sqlite",
        "web-a: started",
        "web-b: started",
        "web-b: will run once more after attempt 1: IK-HOST-001  no tool",
        "web-b: started, attempt 2",
        "[1/3] web-a: done in 12.0 s (about 12.0 s left)",
        "[2/3] web-b: failed after 8.0 s: IK-STEP-001  step 1 failed (about 5.0 s left)",
        "1 done, 1 failed, 1 waiting in 20.0 s",
    ]


def test_verbose_lines_are_all_that_happens_with_its_time() -> None:
    stream = io.StringIO()
    with PlainFarm(stream, verbose=True) as display:
        display(EVENTS[3])

    assert re.fullmatch(r"[\d:T.-]+Z web-a: start appliance …\n", stream.getvalue())


def test_a_row_shows_the_job_of_a_slot_and_what_goes_on_in_it() -> None:
    assert rendered(state_after(*EVENTS[:4])) == [
        "web-a  start appliance  0.0 s",
        "web-b                   0.0 s",
        f"{' ' * 40} 0/3, ? left",
    ]


def test_the_bar_tells_how_many_failed_and_how_long_the_rest_may_take() -> None:
    *_, bar = rendered(state_after(*EVENTS[:-1]))

    assert bar.endswith("2/3, 1 failed, 5.0 s left")


def test_rows_that_have_no_room_are_counted() -> None:
    started = [JobStarted(f"job-{number}", number, 1, "") for number in range(5)]

    assert rendered(state_after(FarmStarted(9, 0, 5, ""), *started), most=2)[:3] == [
        "job-0    0.0 s",
        "job-1    0.0 s",
        "and 3 more",
    ]


def test_a_row_stays_on_one_line_and_obeys_nobody() -> None:
    went_on = JobWentOn("web-a", 0, StageStarted("\x1b[2J[red]" + "x" * 200).document())

    row, *_ = rendered(state_after(*EVENTS[:2], went_on), width=60)
    assert len(row) <= 60
    assert "\ufffd[2J[red]xx" in row


def test_nothing_is_known_before_the_first_job_has_ended() -> None:
    assert rendered(FarmState()) == ["reading the farm …"]
    assert left_in_words(state_after(*EVENTS[:3])) == "?"


def test_a_terminal_shows_rows_and_what_should_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    stream = Terminal()
    with LiveFarm(stream) as display:
        for event in EVENTS:
            display(event)

    shown = stream.getvalue()
    assert "will run once more after attempt 1" in shown
    assert "2/3" in shown
    assert shown.endswith(("\x1b[2K", "\x1b[?25h"))


def test_rows_step_aside_for_a_line_of_the_result(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    stream = Terminal()
    with LiveFarm(stream) as display:
        display(EVENTS[0])
        with display.aside():
            before = stream.getvalue()
            stream.write("the result\n")
        display(EVENTS[1])

    assert before.endswith("\x1b[2K")
    assert "\x1b[1A" not in stream.getvalue().partition("the result\n")[2].partition("━")[0]


def test_each_job_that_ends_is_a_line_on_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    with watching_farm(Common()) as on_event:
        for event in EVENTS:
            on_event(event)

    told = capsys.readouterr()
    assert told.out.splitlines() == [
        "done         web-a  /out/web-a.qcow2  in 12.0 s",
        "failed       web-b  after 8.0 s: IK-STEP-001  step 1 failed",
    ]
    assert len(told.err.splitlines()) == 8


def test_with_json_each_event_is_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    with watching_farm(Common(json=True)) as on_event:
        for event in EVENTS:
            on_event(event)

    assert [json.loads(line) for line in capsys.readouterr().out.splitlines()] == [event.document() for event in EVENTS]


@pytest.mark.parametrize(
    ("common", "out", "live"),
    [
        (Common(), Terminal, True),
        (Common(), io.StringIO, True),
        (Common(json=True), io.StringIO, True),
        (Common(json=True), Terminal, False),
        (Common(verbose=True), Terminal, False),
    ],
)
def test_rows_are_live_where_they_stand_in_nobodys_way(
    monkeypatch: pytest.MonkeyPatch, common: Common, out: type[io.StringIO], *, live: bool
) -> None:
    stream = Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setattr(sys, "stdout", out())
    with watching_farm(common) as on_event:
        on_event(EVENTS[0])
        on_event(DONE)

    assert ("\x1b[" in stream.getvalue()) == live


def test_the_log_has_every_event(tmp_path: Path) -> None:
    log = tmp_path / "farm.log"

    with watching_farm(Common(log_file=log)) as on_event:
        for event in EVENTS:
            on_event(event)

    assert len(log.read_text().splitlines()) == len(EVENTS)


def test_a_result_that_cannot_be_written_ends_the_farm(monkeypatch: pytest.MonkeyPatch) -> None:
    with open("/dev/full", "w", encoding="utf-8") as full:  # noqa: PTH123  a device
        monkeypatch.setattr(sys, "stdout", full)
        with pytest.raises(CannotWrite), watching_farm(Common()) as on_event:
            on_event(DONE)
