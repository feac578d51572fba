from __future__ import annotations

from typing import Any

from imagekit.events import Notice, StageFinished, StageStarted, StepFinished, StepStarted
from imagekit.farm.report import logs
from imagekit.farm.report.model import Passage

BEGUN = {"at": 1772359326.25, "event": "AttemptStarted", "attempt": 1, "host": "one"}
FAILED = {
    "event": "Outcome",
    "at": 1772359330.0,
    "job": "a",
    "state": "failed",
    "started": "2026-03-01T10:02:06Z",
    "code": "IK-HOST-002",
    "message": "no mirror",
    "of a later release": 1,
}


def written(*events: Any) -> list[dict[str, Any]]:
    return [{"at": 1772359326.25, **event.document()} for event in events]


def test_stages_and_steps_stand_in_the_order_in_which_they_began() -> None:
    log = written(
        StageStarted("outer"),
        StageStarted("inner"),
        StageFinished("inner", 2),
        StageFinished("outer", 3),
        StepStarted(1, 2, "hostname", "hostname web"),
        StepFinished(1, "hostname", 0.5, 2),
        StepStarted(2, 2, "run", "run forever"),
    )

    assert logs.passages_of(log) == (
        Passage("outer", 3),
        Passage("inner", 2),
        Passage("hostname web", 0.5, 2),
        Passage("run forever", None, 0),
    )


def test_what_only_ended_is_told_too() -> None:
    assert logs.passages_of(written(StageFinished("digests", 1), StepFinished(4, "run", 2, 0))) == (
        Passage("digests", 1),
        Passage("run", 2, 0),
    )


def test_the_last_attempt_is_told_and_how_those_before_it_ended() -> None:
    log = [BEGUN, *written(Notice("old")), FAILED, {**BEGUN, "attempt": 2}, *written(Notice("new"))]

    assert logs.last_attempt(log) == log[3:]
    assert [(each.state, each.code) for each in logs.earlier_outcomes(log)] == [("failed", "IK-HOST-002")]


def test_an_outcome_that_cannot_be_read_is_passed_over() -> None:
    assert logs.earlier_outcomes([BEGUN, {"event": "Outcome", "state": "odd"}, BEGUN]) == ()


def test_the_tail_is_sentences_with_the_time_of_day() -> None:
    trace = {"event": "Traceback", "text": "Traceback:\n  line"}
    log = [BEGUN, *written(StageStarted("trim")), trace, FAILED, {"event": "Later", "x": 1}, {"at": 1e99, "y": 2}]

    assert logs.tail_of(log, 40) == (
        "10:02:06  attempt 1",
        "10:02:06  trim …",
        "Traceback:",
        "  line",
        "10:02:10  failed IK-HOST-002 no mirror",
        "{'event': 'Later', 'x': 1}",
        "{'y': 2}",
    )


def test_the_tail_is_no_longer_than_asked_for_and_nor_are_its_lines() -> None:
    tail = logs.tail_of(
        [{"event": "Traceback", "text": "\n".join(map(str, range(99)))}, *written(Notice("x" * 9999))], 3
    )

    assert len(tail) == 3
    assert tail[:2] == ("97", "98")
    assert len(tail[2]) < 2100
