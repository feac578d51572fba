from __future__ import annotations

import pickle

import pytest
from pydantic import ValidationError

from imagekit.farm.job import Outcome, Task


def test_a_task_survives_the_way_to_another_process_as_json_and_pickled(make_task) -> None:
    task = make_task(secrets={"db": "env:DB"}, options={"timeout": 20, "allow_backing": ["/bases"]}, replace=True)

    assert Task.model_validate_json(task.model_dump_json()) == task
    assert pickle.loads(pickle.dumps(task)) == task


def test_an_outcome_survives_the_way_back(make_outcome) -> None:
    outcome = make_outcome(state="failed", exit_status=7, code="IK-STEP-001", cause="IK-RUN-001", message="é \n x")

    assert Outcome.model_validate_json(outcome.model_dump_json()) == outcome
    assert pickle.loads(pickle.dumps(outcome)) == outcome


def test_a_job_is_waiting_or_skipped_but_never_ends_so(make_outcome) -> None:
    with pytest.raises(ValidationError):
        make_outcome(state="waiting")


def test_what_is_no_field_of_a_task_is_refused(make_task) -> None:
    with pytest.raises(ValidationError):
        make_task(secret={"db": "hunter2"})
