from __future__ import annotations

import os
import signal
import subprocess
import sys
from types import SimpleNamespace

import pytest

from imagekit.errors import StepError
from imagekit.events import Notice
from imagekit.farm.attend import child_command
from imagekit.farm.child import carry_out
from imagekit.farm.job import Outcome
from imagekit.farm.joblog import read_log
from imagekit.images.lock import hold_output
from imagekit.system.shell import CommandFailed

SPEC = "version: 1\nvars: {site: nowhere}\ntransforms:\n  - hostname: web-${{ site }}\n"


class Build:
    """Stands in for ``customize``: keeps what it was asked for, and does what it was told."""

    def __init__(self, do=lambda: None):
        self._do = do
        self.asked = None

    def __call__(self, image, spec, **how):
        self.asked = SimpleNamespace(image=image, spec=spec, **how)
        how["on_event"](Notice("building"))
        self._do()
        return SimpleNamespace(output=SimpleNamespace(sha256="cafe", size=17))


def raising(error):
    def do():
        raise error

    return Build(do)


@pytest.fixture
def task(make_job, make_task):
    job = make_job(values={"site": "paris", "of_another_spec": "x"})
    job.spec.write_text(SPEC)
    return make_task(job=job, options={"timeout": 60})


def test_the_job_is_built_as_its_task_says(task) -> None:
    build = Build()

    outcome = carry_out(task.model_copy(update={"replace": True}), build=build)

    asked = build.asked
    assert (asked.image, asked.output, asked.force) == (task.job.image, task.job.output, True)
    assert asked.options == task.options
    assert (outcome.state, outcome.sha256, outcome.size, outcome.reused) == ("done", "cafe", 17, False)


def test_values_of_the_matrix_are_variables_of_the_spec(task) -> None:
    build = Build()

    carry_out(task, build=build)

    assert "web-paris" in build.asked.spec.model_dump_json()


def test_its_events_are_in_the_log_behind_the_begin_of_the_attempt(task) -> None:
    carry_out(task.model_copy(update={"attempt": 2}), build=Build())

    begin, notice = read_log(task.log)
    assert (begin["event"], begin["attempt"]) == ("AttemptStarted", 2)
    assert (notice["event"], notice["text"]) == ("Notice", "building")


def test_an_error_is_the_outcome(task) -> None:
    outcome = carry_out(task, build=raising(CommandFailed("run /bin/false", 1, "said")))

    assert (outcome.state, outcome.exit_status, outcome.code) == ("failed", StepError.exit_status, "IK-RUN-001")


def test_a_wrong_spec_is_the_outcome(task) -> None:
    task.job.spec.write_text("version: 1\ntransforms:\n  - no-such-kind\n")

    outcome = carry_out(task, build=Build())

    assert (outcome.state, outcome.exit_status, outcome.code) == ("failed", 2, "IK-SPEC-001")
    assert "no-such-kind" in outcome.why


def test_a_bug_is_the_outcome_and_its_traceback_is_in_the_log(task) -> None:
    outcome = carry_out(task, build=raising(ZeroDivisionError("by zero")))

    assert (outcome.exit_status, outcome.code) == (1, "IK-BUG-001")
    (traceback,) = [document for document in read_log(task.log) if document["event"] == "Traceback"]
    assert "ZeroDivisionError: by zero" in traceback["text"]
    assert "test_child.py" in traceback["text"]


def test_sigterm_unwinds_the_build_and_is_the_outcome(task) -> None:
    unwound = []

    def do():
        try:
            os.kill(os.getpid(), signal.SIGTERM)
        finally:
            unwound.append(True)

    outcome = carry_out(task, build=Build(do))

    assert (outcome.state, outcome.exit_status) == ("interrupted", 143)
    assert unwound == [True]


def test_an_output_that_another_run_finished_meanwhile_is_left_alone(task, write_output) -> None:
    write_output(task.job.output, task.inputs)
    build = Build()

    outcome = carry_out(task, build=build)

    assert (outcome.state, outcome.reused, outcome.sha256) == ("done", True, "cafe")
    assert build.asked is None


def test_another_run_that_still_works_on_the_output_is_waited_for(task) -> None:
    build = Build()

    with hold_output(task.job.output):
        outcome = carry_out(task, build=build, patience=0.6)

    assert outcome.code == "IK-LOCK-001"
    assert build.asked is None


def test_a_task_on_stdin_is_an_outcome_on_stdout_and_nothing_else(task) -> None:
    task.job.image.write_bytes(b"no image at all")

    done = subprocess.run(
        child_command(), input=task.model_dump_json(), capture_output=True, text=True, check=False, timeout=60
    )

    outcome = Outcome.model_validate_json(done.stdout)
    assert (outcome.job, outcome.state) == ("base-web", "failed")
    assert done.returncode == outcome.exit_status == 4
    assert done.stderr == ""


def test_it_is_a_module_that_an_installed_imagekit_has(tmp_path) -> None:
    done = subprocess.run(
        [sys.executable, "-P", "-m", "imagekit.farm.child"],
        input="{}",
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        timeout=60,
    )

    assert "validation error" in done.stderr
    assert done.stdout == ""
