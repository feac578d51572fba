from __future__ import annotations

import dataclasses
import json

import pytest

from imagekit.events import Event, Notice, StageFinished, StageStarted, StepFinished, StepStarted, event_of, silent


@pytest.mark.parametrize(
    ("event", "document"),
    [
        (StageStarted("check image", "a.img"), {"event": "StageStarted", "stage": "check image", "detail": "a.img"}),
        (StageStarted("trim"), {"event": "StageStarted", "stage": "trim", "detail": ""}),
        (StageFinished("trim", 1.5), {"event": "StageFinished", "stage": "trim", "seconds": 1.5}),
        (
            StepStarted(1, 2, "run", "run x"),
            {"event": "StepStarted", "position": 1, "total": 2, "kind": "run", "title": "run x"},
        ),
        (
            StepFinished(1, "run", 0.5, 3),
            {"event": "StepFinished", "position": 1, "kind": "run", "seconds": 0.5, "changes": 3},
        ),
        (Notice("slow"), {"event": "Notice", "text": "slow"}),
        (Event(), {"event": "Event"}),
    ],
)
def test_an_event_is_one_line_of_json_that_names_it(event: Event, document: dict[str, object]) -> None:
    assert event.document() == document
    assert json.loads(json.dumps(event.document())) == document


@pytest.mark.parametrize(
    "event",
    [
        StageStarted("trim", "x"),
        StageFinished("trim", 1.5),
        StageFinished("trim", 2),
        StepStarted(1, 2, "run", "run x"),
        StepFinished(1, "run", 0.5, 3),
        Notice("slow"),
    ],
)
def test_an_event_is_read_back_as_it_was_whatever_else_stands_beside_it(event: Event) -> None:
    assert event_of({**event.document(), "at": 12.5}) == event


def test_what_has_a_default_need_not_be_there() -> None:
    assert event_of({"event": "StageStarted", "stage": "trim"}) == StageStarted("trim")


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"event": "Later"},
        {"event": "AttemptStarted", "attempt": 1, "host": "one"},
        {"event": "StageFinished", "stage": "trim"},
        {"event": "StageFinished", "stage": "trim", "seconds": "long"},
        {"event": 3},
        {"event": ["Notice"], "text": "x"},
    ],
)
def test_what_is_no_event_of_this_release_is_none(document: dict[str, object]) -> None:
    assert event_of(document) is None


def test_an_event_never_changes() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Notice("a").text = "b"


def test_nobody_has_to_listen() -> None:
    assert silent(Notice("a")) is None
