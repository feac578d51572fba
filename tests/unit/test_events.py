from __future__ import annotations

import dataclasses
import json

import pytest

from imagekit.events import Event, Notice, StageFinished, StageStarted, StepFinished, StepStarted, silent


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


def test_an_event_never_changes() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Notice("a").text = "b"


def test_nobody_has_to_listen() -> None:
    assert silent(Notice("a")) is None
