from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from imagekit.events import Notice, StageStarted, StepStarted
from imagekit.farm.events import FarmStarted, JobFinished, JobRetried, JobStarted, JobWentOn
from imagekit_cli.farm_state import FarmState, going_on

if TYPE_CHECKING:
    from imagekit.events import Event


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def ended(job: str, slot: int = 0, **fields: Any) -> JobFinished:
    told = {"state": "done", "reused": False, "attempt": 1, "seconds": 10.0, "exit_status": 0, **fields}
    return JobFinished(job=job, slot=slot, code="", message="", output=f"/out/{job}", **told)


def farm(*events: Event, jobs: int = 4, finished: int = 0, at_a_time: int = 2) -> tuple[FarmState, Clock]:
    clock = Clock()
    state = FarmState(clock)
    for event in (FarmStarted(jobs, finished, at_a_time, "/out/journal"), *events):
        state(event)
    return state, clock


def test_a_slot_shows_what_its_job_began_last() -> None:
    state, _ = farm(
        JobStarted("a", 0, 1, "/out/a"),
        JobWentOn("a", 0, StageStarted("find system").document()),
        JobWentOn("a", 0, StepStarted(2, 5, "hostname", "hostname web").document()),
        JobWentOn("a", 0, Notice("KVM does not work").document()),
        JobWentOn("b", 1, StageStarted("of nobody").document()),
    )

    assert {slot: (each.job, each.doing) for slot, each in state.running.items()} == {0: ("a", "step 2/5 hostname web")}


def test_a_slot_is_free_when_its_job_ends_or_waits_for_another_attempt() -> None:
    state, _ = farm(
        JobStarted("a", 0, 1, "/out/a"),
        JobStarted("b", 1, 1, "/out/b"),
        JobRetried("a", 1, "IK-HOST-001", "no tool"),
        ended("b", 1),
    )

    assert state.running == {}
    assert (state.finished, dict(state.ended)) == (1, {"done": 1})


def test_what_an_earlier_run_finished_counts_as_finished() -> None:
    state, _ = farm(ended("a"), ended("b", state="failed"), finished=1)

    assert state.finished == 3


def test_no_more_is_finished_than_there_is() -> None:
    state, _ = farm(ended("a"), jobs=1, finished=1)

    assert state.finished == 1


def test_before_a_job_has_ended_nobody_knows_how_long_it_takes() -> None:
    state, _ = farm(JobStarted("a", 0, 1, "/out/a"), ended("b", reused=True, seconds=0.0), ended("c", state="skipped"))

    assert state.seconds_left() is None


def test_the_rest_takes_as_long_as_the_mean_of_those_before() -> None:
    state, clock = farm(
        ended("a", seconds=10.0), ended("b", seconds=30.0), JobStarted("c", 0, 1, "/out/c"), jobs=6, at_a_time=2
    )
    clock.now += 5

    assert state.seconds_left() == pytest.approx((3 * 20 + 15) / 2)


def test_the_rest_takes_as_long_as_its_longest_job_at_the_least() -> None:
    state, _ = farm(ended("a", seconds=20.0), JobStarted("b", 0, 1, "/out/b"), jobs=2, at_a_time=8)

    assert state.seconds_left() == pytest.approx(20)


def test_a_job_that_takes_longer_than_the_others_makes_the_rest_never_negative() -> None:
    state, clock = farm(ended("a", seconds=1.0), JobStarted("b", 0, 1, "/out/b"), jobs=2)
    clock.now += 1000

    assert state.seconds_left() == 0


@pytest.mark.parametrize(
    ("inner", "told"),
    [
        (StageStarted("trim", "seconds").document(), "trim"),
        (StepStarted(1, 2, "run", "run true").document(), "step 1/2 run true"),
        (Notice("x").document(), ""),
        ({"event": "OfALaterRelease"}, ""),
        ({"stage": "x"}, ""),
        ({}, ""),
    ],
)
def test_only_what_begins_is_told_of_a_job(inner: dict[str, object], told: str) -> None:
    assert going_on(inner) == told
