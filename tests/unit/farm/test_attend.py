from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import pytest

from imagekit.farm import attend as attending
from imagekit.farm.attend import attend, child_command
from imagekit.farm.joblog import read_log
from imagekit.farm.outcomes import Attempt

WAITS = "trap 'echo ended >&2; exit 143' TERM; echo $$ >{pid}.new; mv {pid}.new {pid}; while :; do sleep 0.05; done"


# A process of an executor that attends to a job, whose owner is killed.
OWNER = """
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from imagekit.farm import attend as attending
from imagekit.farm.job import Task

task, script = sys.argv[1:]
attending.child_command = lambda: ["/bin/sh", "-c", script]
pool = ProcessPoolExecutor(1, get_context("fork"))
pool.submit(attending.attend, Task.model_validate_json(task)).result()
"""


def watched(task, script):
    """Have a shell script in the place of the process of a job; it has the task on stdin."""
    return attending._watched(Attempt.begin(task), ["/bin/sh", "-c", script])


def when_there(path, action):
    """Act in another thread as soon as a file is there."""

    def wait():
        while not path.exists():
            threading.Event().wait(0.005)
        action()

    thread = threading.Thread(target=wait)
    thread.start()
    return thread


def test_what_the_process_says_of_its_end_is_the_outcome(make_task, make_outcome, tmp_path) -> None:
    told = tmp_path / "told"
    told.write_text(make_outcome(state="failed", exit_status=7, code="IK-STEP-001", message="no").model_dump_json())

    outcome = watched(make_task(attempt=2), f"cat {told}; exit 7")

    assert (outcome.state, outcome.code, outcome.message, outcome.attempt) == ("failed", "IK-STEP-001", "no", 2)


def test_the_process_has_the_task_on_stdin(make_task, tmp_path) -> None:
    task = make_task()

    watched(task, f"cat >{tmp_path}/given")

    assert type(task).model_validate_json((tmp_path / "given").read_text()) == task


def test_a_process_that_is_killed_is_told_with_its_last_words(make_task) -> None:
    outcome = watched(make_task(), "echo out of memory >&2; kill -9 $$")

    assert (outcome.state, outcome.exit_status, outcome.code) == ("failed", 6, "IK-FARM-101")
    assert outcome.message == "the process of base-web was killed by SIGKILL"
    assert outcome.why == "out of memory"


def test_much_that_is_said_does_not_hold_it_up_and_only_the_end_is_told(make_task) -> None:
    outcome = watched(make_task(), "head -c 300000 /dev/zero | tr '\\0' x >&2; echo last >&2; exit 1")

    assert outcome.code == "IK-FARM-101"
    assert outcome.why.endswith("last")
    assert len(outcome.why) <= 4096


@pytest.mark.parametrize("said", ["", "rubbish", "{}", "[1, 2"])
def test_a_process_that_ends_without_an_outcome_has_failed(make_task, said) -> None:
    outcome = watched(make_task(), f"echo '{said}'")

    assert (outcome.state, outcome.code) == ("failed", "IK-FARM-101")
    assert "ended with status 0 without an outcome" in outcome.message


def test_the_outcome_of_another_job_is_not_believed(make_task, make_outcome, tmp_path) -> None:
    (tmp_path / "told").write_text(make_outcome("other").model_dump_json())

    assert watched(make_task(), f"cat {tmp_path}/told").code == "IK-FARM-101"


def test_a_stop_file_ends_the_process_as_a_command_is_ended(make_task, tmp_path, ended) -> None:
    task, pid = make_task(), tmp_path / "pid"
    stopping = when_there(pid, task.stop.touch)

    outcome = watched(task, WAITS.format(pid=pid))

    stopping.join()
    assert (outcome.state, outcome.exit_status) == ("interrupted", 143)
    assert ended(int(pid.read_text()))


def test_a_process_that_does_not_listen_is_killed_with_all_that_it_started(
    make_task, tmp_path, monkeypatch, ended
) -> None:
    monkeypatch.setattr(attending, "END_SECONDS", 0.1)
    task, pid = make_task(), tmp_path / "pid"
    stopping = when_there(pid, task.stop.touch)

    outcome = watched(task, f"trap '' TERM; sleep 1000 & echo $! >{pid}.new; mv {pid}.new {pid}; wait; wait")

    stopping.join()
    assert outcome.state == "interrupted"
    assert ended(int(pid.read_text()))


def test_what_was_done_when_the_stop_came_is_done(make_task, make_outcome, tmp_path) -> None:
    task, pid = make_task(), tmp_path / "pid"
    (tmp_path / "told").write_text(make_outcome().model_dump_json())
    stopping = when_there(pid, task.stop.touch)

    outcome = watched(task, f"cat {tmp_path}/told; " + WAITS.format(pid=pid))

    stopping.join()
    assert outcome.state == "done"


def test_a_process_that_is_over_its_time_is_ended(make_task, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(attending, "_GRACE", 0.0)
    task = make_task(options={"timeout": 0.2})

    outcome = watched(task, WAITS.format(pid=tmp_path / "pid"))

    assert (outcome.state, outcome.exit_status, outcome.code) == ("failed", 6, "IK-FARM-102")


def test_a_finished_output_is_left_alone(make_task, write_output) -> None:
    task = make_task()
    write_output(task.job.output, task.inputs)

    outcome = attend(task)

    assert (outcome.state, outcome.reused, outcome.sha256, outcome.size) == ("done", True, "cafe", 5)
    assert read_log(task.log) == []


def test_it_can_be_given_to_any_process(make_task, write_output) -> None:
    task = make_task()
    write_output(task.job.output, task.inputs)

    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        outcome = pool.submit(attend, task).result()

    assert outcome.reused


@pytest.mark.parametrize(
    ("command", "code"), [(["/nowhere/python"], "IK-HOST-001"), (["/bin/sh", "-c", "exit 3"], "IK-FARM-101")]
)
def test_every_end_is_an_outcome_and_the_last_line_of_the_log(make_task, monkeypatch, command, code) -> None:
    monkeypatch.setattr(attending, "child_command", lambda: command)
    task = make_task()

    outcome = attend(task)

    (line,) = read_log(task.log)
    assert (outcome.state, outcome.code) == ("failed", code)
    assert (line["event"], line["code"], line["job"]) == ("Outcome", code, "base-web")


def test_not_even_a_bug_of_its_own_leaves_it(make_task, monkeypatch) -> None:
    monkeypatch.setattr(attending, "_watched", lambda *_: 1 / 0)

    assert attend(make_task()).code == "IK-BUG-001"


def test_secrets_of_the_environment_reach_the_process_whatever_their_names(make_task, monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("QEMU_PASSWORD", "one")
    monkeypatch.setenv("LC_SECRET", "two")

    watched(make_task(), f'echo "$QEMU_PASSWORD $LC_SECRET" >{tmp_path}/seen')

    assert (tmp_path / "seen").read_text() == "one two\n"


def test_modules_are_looked_for_where_this_process_does(monkeypatch) -> None:
    monkeypatch.setattr(sys, "path", ["/usr/lib/python3"])
    assert child_command() == [sys.executable, "-P", "-m", "imagekit.farm.child"]
    monkeypatch.setattr(sys, "path", ["", "/usr/lib/python3"])
    assert child_command() == [sys.executable, "-m", "imagekit.farm.child"]


def test_the_real_process_of_a_job_fails_as_the_command_would(make_task) -> None:
    task = make_task()
    task.job.image.write_bytes(b"no image at all")
    task.job.spec.write_text("version: 1\ntransforms:\n  - hostname: web-1\n")

    outcome = attend(task)

    assert (outcome.state, outcome.exit_status) == ("failed", 4)
    assert outcome.code.startswith("IK-IMG-")
    events = [document["event"] for document in read_log(task.log)]
    assert events[0] == "AttemptStarted"
    assert events[-1] == "Outcome"


def test_a_terminal_that_interrupts_the_executors_process_ends_the_job(make_task, tmp_path, monkeypatch, ended) -> None:
    pid, waits, interrupted = tmp_path / "pid", attending._ended, []

    def interrupt_once(alive, seconds):
        # A real SIGINT may come before anybody waits for the job, and then it would end the tests.
        if pid.exists() and not interrupted:
            interrupted.append(signal.SIGINT)
            raise KeyboardInterrupt
        return waits(alive, seconds)

    monkeypatch.setattr(attending, "_ended", interrupt_once)
    outcome = watched(make_task(), WAITS.format(pid=pid))

    assert interrupted == [signal.SIGINT]
    assert outcome.state == "interrupted"
    assert ended(int(pid.read_text()))


def test_an_executors_process_whose_owner_was_killed_ends_its_job(make_task, tmp_path, ended) -> None:
    pid, task = tmp_path / "pid", make_task()
    script = f"echo $PPID >{tmp_path}/worker; {WAITS.format(pid=pid)}"
    owner = subprocess.Popen([sys.executable, "-c", OWNER, task.model_dump_json(), script])
    while not pid.exists():
        threading.Event().wait(0.02)

    owner.kill()

    owner.wait()
    try:
        assert ended(int(pid.read_text()))
    finally:
        with contextlib.suppress(ProcessLookupError):  # it waits for work that nobody will ever give it
            os.kill(int((tmp_path / "worker").read_text()), signal.SIGKILL)
