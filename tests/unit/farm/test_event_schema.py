from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from jsonschema import Draft202012Validator

from imagekit.events import Event, Notice, StageFinished, StageStarted, StepFinished, StepStarted
from imagekit.farm import events
from imagekit.farm.event_schema import OF_FARMS, events_schema
from imagekit.farm.events import FarmFinished, FarmStarted, JobFinished, JobRetried, JobStarted, JobWentOn
from imagekit.process import ToolMissing

if TYPE_CHECKING:
    from typing import Any

OF_A_JOB = (
    StageStarted("check host"),
    StageFinished("check host", 0.5),
    StepStarted(1, 2, "hostname", "hostname web"),
    StepFinished(1, "hostname", 0.1, 2),
    Notice("KVM does not work"),
)
OF_A_FARM = (
    FarmStarted(4, 1, 2, "/out/farm.journal.sqlite"),
    JobStarted("web-a", 0, 1, "/out/web-a.qcow2"),
    *(JobWentOn("web-a", 0, {**inner.document(), "at": 1.5}) for inner in OF_A_JOB),
    JobWentOn("web-a", 0, {"event": "OfALaterRelease", "more": 1}),
    JobRetried("web-a", 1, "IK-HOST-001", "qemu-img is not installed"),
    JobFinished("web-a", 0, "done", False, 2, 12.5, 0, "", "", "/out/web-a.qcow2"),
    FarmFinished(3, 1, 0, 0, 0, 60.0),
)


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    return Draft202012Validator(events_schema())


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(events_schema())


@pytest.mark.parametrize("event", OF_A_FARM, ids=lambda event: type(event).__name__)
def test_every_event_is_a_right_line(validator: Draft202012Validator, event: Event) -> None:
    validator.validate(json.loads(json.dumps(event.document())))


def test_an_error_is_a_right_last_line(validator: Draft202012Validator) -> None:
    validator.validate({"error": ToolMissing("qemu-img").document()})


@pytest.mark.parametrize(
    "line",
    [
        {},
        {"event": "JobStarted", "job": "a"},
        {**OF_A_FARM[0].document(), "more": 1},
        {**OF_A_FARM[0].document(), "jobs": "four"},
        OF_A_JOB[0].document(),
        JobWentOn("a", 0, {"stage": "check host"}).document(),
        JobWentOn("a", 0, {**StageFinished("check host", 0.5).document(), "seconds": "long"}).document(),
        {"error": "lost"},
    ],
)
def test_what_no_farm_says_is_no_line(validator: Draft202012Validator, line: dict[str, Any]) -> None:
    assert not validator.is_valid(line)


def test_every_event_of_farms_has_its_place() -> None:
    there = {each for each in vars(events).values() if isinstance(each, type) and issubclass(each, Event)} - {Event}

    assert set(OF_FARMS) == there
