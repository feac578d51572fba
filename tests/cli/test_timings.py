from __future__ import annotations

import pytest

from imagekit.events import Event, Notice, StageFinished, StageStarted, StepFinished, StepStarted
from imagekit_cli.timings import Timings, process_age


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def told(*events: tuple[float, Event], end: float) -> dict[str, float]:
    """Return the rows after a program that had run for half a second when the first of these moments counted as 0."""
    clock = Clock()
    timings = Timings(clock, lambda: 0.5)
    for moment, event in events:
        clock.now = 100.0 + moment
        timings(event)
    clock.now = 100.0 + end
    lines = timings.text().splitlines()
    return {line[:-10].strip(): float(line[-10:-2]) for line in lines}


def test_each_stage_and_step_has_a_row_and_what_is_in_none_has_one_too() -> None:
    rows = told(
        (0.2, StageStarted("check image")),
        (0.3, StageFinished("check image", 0.1)),
        (1.0, StepStarted(1, 1, "hostname", "hostname web")),
        (1.5, StepFinished(1, "hostname", 0.5, 2)),
        (1.6, Notice("x")),
        end=2.0,
    )

    assert rows == {
        "start of the program": 0.7,
        "check image": 0.1,
        "step 1 hostname": 0.5,
        "between these": 1.2,
        "in all": 2.5,
    }
    assert list(rows)[-1] == "in all"


def test_stages_that_overlap_are_not_counted_twice() -> None:
    rows = told(
        (1.0, StageStarted("check file systems")),
        (1.0, StageStarted("write image")),
        (1.5, StageFinished("write image", 0.5)),
        (1.8, StageFinished("check file systems", 0.8)),
        end=1.8,
    )

    assert rows["at the same time as others"] == -0.5
    assert "between these" not in rows
    assert rows["in all"] == pytest.approx(sum(rows.values()) - rows["in all"])


def test_a_stage_that_is_only_told_when_it_ended_began_before_that() -> None:
    assert told((1.0, StageFinished("trim", 0.4)), end=1.0)["start of the program"] == 1.1


def test_a_run_without_stages_has_its_whole() -> None:
    assert told(end=1.0) == {"start of the program": 1.5, "in all": 1.5}


def test_this_process_has_been_there_for_a_while() -> None:
    first = process_age()

    assert 0 < first <= process_age() < 86400
