from __future__ import annotations

from datetime import UTC, datetime, timedelta

from imagekit.diagnostics import Diagnostic, Place, SpecInvalid
from imagekit.engine.errors import StepFailed
from imagekit.errors import Interrupted
from imagekit.farm.outcomes import Attempt, JobDied, JobLost, JobOutOfTime
from imagekit.hostdisk import HostDiskFull
from imagekit.steps import Step
from imagekit.system.packages.program import DownloadFailed


def test_a_job_that_is_done_tells_what_came_out_and_when_it_began(make_task) -> None:
    before = datetime.now(UTC)

    outcome = Attempt.begin(make_task(attempt=2)).done("cafe", 17)

    assert (outcome.job, outcome.state, outcome.attempt, outcome.exit_status) == ("base-web", "done", 2, 0)
    assert (outcome.sha256, outcome.size, outcome.reused) == ("cafe", 17, False)
    assert before <= outcome.started <= datetime.now(UTC)
    assert outcome.host


def test_an_error_is_told_as_the_command_would(make_task, tmp_path) -> None:
    outcome = Attempt.begin(make_task()).failed(HostDiskFull(tmp_path, 2 << 20, 1 << 20))

    assert (outcome.state, outcome.exit_status, outcome.code) == ("failed", 3, "IK-HOST-011")
    assert "about 2 MiB are needed" in outcome.message
    assert outcome.why
    assert outcome.fix


def test_a_step_that_failed_is_told_with_its_cause(make_task) -> None:
    step = Step(id="packages", position=2, kind="packages", title="packages", phase="content")

    outcome = Attempt.begin(make_task()).failed(StepFailed(step, DownloadFailed("apt-get update", 100, "timed out")))

    assert (outcome.exit_status, outcome.code, outcome.cause) == (7, "IK-STEP-001", "IK-RUN-002")


def test_the_problems_of_a_spec_are_told_where_they_are(make_task) -> None:
    problem = Diagnostic("IK-SPEC-011", 'there is no kind "hostnam"', place=Place("web.yaml", 3, 5))

    outcome = Attempt.begin(make_task()).failed(SpecInvalid((problem,)))

    assert outcome.message == "1 problem in the spec"
    assert "web.yaml:3:5" in outcome.why


def test_what_the_user_interrupted_has_not_failed(make_task) -> None:
    outcome = Attempt.begin(make_task()).failed(Interrupted("enough"))

    assert (outcome.state, outcome.exit_status) == ("interrupted", 143)


def test_a_bug_names_the_log_that_has_its_traceback(make_task) -> None:
    task = make_task()

    outcome = Attempt.begin(task).bug(ZeroDivisionError("division by zero"))

    assert (outcome.state, outcome.exit_status, outcome.code) == ("failed", 1, "IK-BUG-001")
    assert "ZeroDivisionError: division by zero" in outcome.message
    assert str(task.log) in outcome.why


def test_another_process_is_believed_how_it_ended_but_not_when(make_task, make_outcome) -> None:
    attempt = Attempt.begin(make_task(attempt=3))

    outcome = attempt.measured(make_outcome(attempt=1, seconds=99.0, sha256="cafe"))

    assert (outcome.sha256, outcome.attempt, outcome.started) == ("cafe", 3, attempt.started)
    assert timedelta(seconds=outcome.seconds) < timedelta(seconds=99)


def test_a_process_that_ended_badly_is_an_appliance_that_did_and_a_lost_one_is_the_hosts() -> None:
    assert JobDied("a", "was killed by SIGKILL", "").exit_status == 6
    assert JobDied("a", "was killed by SIGKILL", "").why == "it said nothing"
    assert "within 20 s" in JobOutOfTime("a", 20).message
    assert JobLost("a", RuntimeError("worker left")).exit_status == 3
    assert JobLost("a", RuntimeError("worker left")).why == "RuntimeError: worker left"
    assert JobLost("a", None).why
