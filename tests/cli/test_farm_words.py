from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from imagekit.events import Notice, StageFinished
from imagekit.farm.events import FarmFinished, FarmStarted, JobFinished, JobRetried, JobStarted, JobWentOn
from imagekit_cli.farm_words import counts, how_it_ended, told_of_farm
from imagekit_cli.journal import told

if TYPE_CHECKING:
    from imagekit.events import Event


def ended(**fields: Any) -> JobFinished:
    told_ = {"state": "done", "reused": False, "seconds": 12.34, "exit_status": 0, "code": "", "message": "", **fields}
    return JobFinished(job="web-a", slot=0, attempt=1, output="/out/web-a", **told_)


@pytest.mark.parametrize(
    ("event", "sentence"),
    [
        (FarmStarted(4, 0, 2, "/out/f.sqlite"), "4 jobs; 2 at a time; the journal is /out/f.sqlite"),
        (FarmStarted(4, 3, 2, "j"), "4 jobs, 3 of them finished before; 2 at a time; the journal is j"),
        (JobStarted("a", 0, 1, "/out/a"), "a: started"),
        (JobStarted("a", 0, 2, "/out/a"), "a: started, attempt 2"),
        (JobWentOn("a", 0, StageFinished("trim", 1.0).document()), "a: trim: done in 1.0 s"),
        (JobWentOn("a", 0, {"event": "Later", "x": 1}), "a: {'event': 'Later', 'x': 1}"),
        (JobRetried("a", 1, "IK-X-1", "no room"), "a: will run once more after attempt 1: IK-X-1  no room"),
        (ended(), "web-a: done in 12.3 s"),
        (FarmFinished(22, 2, 0, 0, 0, 72.0), "22 done, 2 failed in 1 min 12 s"),
    ],
)
def test_every_event_of_a_farm_is_a_sentence(event: Event, sentence: str) -> None:
    assert told(event) == sentence


def test_other_events_are_told_elsewhere() -> None:
    assert told_of_farm(Notice("x")) == ""


@pytest.mark.parametrize(
    ("fields", "ending"),
    [
        ({"reused": True, "seconds": 0.0}, "finished already"),
        ({"state": "failed", "code": "IK-STEP-001", "message": "step 2 failed"}, "failed after 12.3 s: IK-STEP-001  step 2 failed"),
        ({"state": "interrupted"}, "interrupted after 12.3 s"),
        ({"state": "skipped", "seconds": 0.0}, "skipped"),
    ],
)  # fmt: skip
def test_an_end_is_told_with_its_reason(fields: dict[str, Any], ending: str) -> None:
    assert how_it_ended(ended(**fields)) == ending


def test_only_states_that_any_job_is_in_are_counted() -> None:
    assert counts({"failed": 1, "done": 2, "waiting": 0, "running": 1}) == "2 done, 1 failed"
    assert counts({}) == "no jobs"
