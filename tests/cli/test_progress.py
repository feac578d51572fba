from __future__ import annotations

import io
import os
import sys
from typing import TYPE_CHECKING

import pytest

from imagekit.events import Event, Notice, StageFinished, StageStarted, StepFinished, StepStarted
from imagekit_cli.progress import Live, Plain, watching
from imagekit_cli.shared_options import Common

if TYPE_CHECKING:
    from pathlib import Path

EVENTS = (
    StageStarted("start appliance", "the longest wait"),
    Notice("KVM does not work"),
    StageFinished("start appliance", 9.0),
    StepStarted(1, 1, "hostname", "hostname web\x1b[2J"),
    StepFinished(1, "hostname", 0.5, 2),
)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_pipe_gets_one_line_an_event() -> None:
    stream = io.StringIO()
    with Plain(stream) as display:
        for event in EVENTS:
            display(event)

    assert stream.getvalue().splitlines() == [
        "start appliance … (the longest wait)",
        "note: KVM does not work",
        "start appliance: done in 9.0 s",
        "step 1/1 hostname web\ufffd[2J …",
        "step 1 hostname: 2 changes in 0.5 s",
    ]


def test_a_build_goes_on_when_nobody_reads_its_progress() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as stream, Plain(stream) as display:
        display(EVENTS[0])
        display(EVENTS[0])


def test_a_terminal_keeps_what_is_finished_with_its_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    stream = Terminal()
    with Live(stream) as display:
        for event in EVENTS:
            display(event)

    shown = stream.getvalue()
    assert "start appliance  \x1b[2m9.0 s" in shown
    assert "start appliance (the longest wait)" in shown
    assert "step 1/1 hostname web\ufffd[2J  \x1b[2m2 changes, 0.5 s" in shown


def test_a_terminal_is_told_what_was_running_when_an_error_came() -> None:
    stream = Terminal()

    def failing() -> None:
        with Live(stream) as display:
            display(StageStarted("find system"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        failing()

    assert "find system  \x1b[2mafter 0.0 s" in stream.getvalue()


def test_a_terminal_takes_off_what_is_finished_whatever_began_last() -> None:
    stream = Terminal()
    with Live(stream) as display:
        display(StageStarted("check file systems"))
        display(StageStarted("write image"))
        display(StageFinished("check file systems", 1.0))
        display(StageFinished("write image", 2.0))

    shown = stream.getvalue()
    assert "check file systems  \x1b[2m1.0 s" in shown
    assert "write image  \x1b[2m2.0 s" in shown


def test_timings_come_at_the_end_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    with watching(Common(timings=True)) as on_event:
        on_event(StageFinished("trim", 1.0))

    told = capsys.readouterr()
    assert told.out == ""
    assert [line.rpartition("  ")[0].strip() for line in told.err.splitlines()[-3:]] == [
        "start of the program",
        "trim",
        "in all",
    ]


def test_verbose_lines_have_the_time(capsys: pytest.CaptureFixture[str]) -> None:
    with watching(Common(verbose=True)) as on_event:
        on_event(StageStarted("trim"))

    assert capsys.readouterr().err.endswith("Z trim …\n")


@pytest.mark.parametrize(("name", "live"), [("", True), ("CI", False), ("NO_COLOR", False)])
def test_only_a_terminal_of_a_person_is_live(monkeypatch: pytest.MonkeyPatch, name: str, *, live: bool) -> None:
    stream = Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    if name:
        monkeypatch.setenv(name, "1")
    with watching(Common()) as on_event:
        on_event(StageStarted("trim"))

    assert ("\x1b[" in stream.getvalue()) == live


def test_the_log_has_events_and_the_error_that_ended_them(tmp_path: Path) -> None:
    path = tmp_path / "run.log"

    def failing() -> None:
        with watching(Common(log_file=path)) as on_event:
            on_event(StageStarted("trim"))
            raise RuntimeError("out of cheese")

    with pytest.raises(RuntimeError):
        failing()

    assert "trim …" in path.read_text()
    assert "RuntimeError: out of cheese" in path.read_text()


def test_an_event_of_a_later_release_is_no_error_on_a_terminal() -> None:
    with Live(Terminal()) as display:
        display(Event())
