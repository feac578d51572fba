from __future__ import annotations

import json

from imagekit.events import StepStarted
from imagekit.farm.events import FarmFinished, FarmStarted, JobFinished, JobRetried, JobStarted, JobWentOn


def test_every_event_is_one_line_of_json_that_begins_with_its_name() -> None:
    events = (
        FarmStarted(24, 3, 2, "/out/farm.journal.sqlite"),
        JobStarted("a-web", 0, 1, "/out/a-web.qcow2"),
        JobWentOn("a-web", 0, StepStarted(1, 2, "run", "run true").document()),
        JobRetried("a-web", 1, "IK-APP-003", "the appliance ended"),
        JobFinished("a-web", 0, "failed", False, 2, 1.5, 6, "IK-APP-003", "the appliance ended", "/out/a-web.qcow2"),
        FarmFinished(20, 4, 0, 0, 0, 60.0),
    )

    for event in events:
        document = event.document()
        assert next(iter(document)) == "event"
        assert document["event"] == type(event).__name__
        assert json.loads(json.dumps(document)) == document


def test_what_happens_in_a_job_is_told_in_its_own_words() -> None:
    inner = StepStarted(1, 2, "run", "run true").document()

    assert JobWentOn("a-web", 0, inner).document()["inner"] == {
        "event": "StepStarted",
        "position": 1,
        "total": 2,
        "kind": "run",
        "title": "run true",
    }
