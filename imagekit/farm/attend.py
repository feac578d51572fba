"""Attend to one job: start its process, wait for it, end it whole when its time is up or somebody asks for it.

This is what an executor is given, so it and all that it takes and returns can be pickled.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import select
import signal
import sys
import time
from typing import TYPE_CHECKING, Literal

from pydantic import ValidationError

from imagekit.errors import ImagekitError
from imagekit.farm.finished import finished
from imagekit.farm.job import Outcome
from imagekit.farm.joblog import JobLog
from imagekit.farm.outcomes import Attempt, JobDied, JobOutOfTime
from imagekit.process import ending, spawn

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Sequence
    from typing import BinaryIO

    from imagekit.farm.job import Task

LOOK_SECONDS = 0.5
"""Between two looks for the stop file."""
END_SECONDS = 4.0
"""For a job to clean up after itself before it is killed."""
_GRACE = 30.0
"""After the time that a build may take, in which it should have ended by itself."""
_TAIL = 4096

_Why = Literal["", "asked", "late"]


def attend(task: Task) -> Outcome:
    """Carry out a task in a process of its own and return how it ended; never raises for what a job does.

    An output that is finished already is left alone. It works in any thread or process of an executor.
    """
    attempt, log = Attempt.begin(task), JobLog(task.log)
    try:
        there = finished(task.job.output, task.inputs, since=task.since)
        if there:
            return attempt.done(there.sha256, there.size, reused=True)
        outcome = _watched(attempt, child_command())
    except ImagekitError as error:
        outcome = attempt.failed(error)
    except Exception as error:  # noqa: BLE001  whatever is wrong with this job, the farm goes on
        outcome = attempt.bug(error)
    log.write({"event": "Outcome", **outcome.model_dump(mode="json")})
    return outcome


def child_command() -> list[str]:
    """Return what starts the process of a job: this interpreter, which finds imagekit where this process does.

    The current folder is a place for modules only if it is one for this process (python(1), -P).
    """
    return [sys.executable, *(() if "" in sys.path else ("-P",)), "-m", "imagekit.farm.child"]


def _watched(attempt: Attempt, argv: Sequence[str]) -> Outcome:
    """Run a process with the task on stdin, and judge what came of it. What it says is kept in memory, not in pipes."""
    with _memory() as given, _memory() as said, _memory() as errors:
        given.write(attempt.task.model_dump_json().encode())
        given.seek(0)
        # Secrets may come from any variable, and this is no tool but imagekit itself.
        child = spawn(argv, stdin=given.fileno(), stdout=said.fileno(), stderr=errors.fileno(), env=os.environ)
        with ending(child):
            why = _wait(child, attempt.task)
        said.seek(0)
        errors.seek(0)
        return _judged(attempt, why, child.returncode, said.read(), errors.read())


def _memory() -> BinaryIO:
    return os.fdopen(os.memfd_create("imagekit-job"), "w+b", buffering=0)


def _wait(child: subprocess.Popen[bytes], task: Task) -> _Why:
    """Wait until the process ends by itself, or end it; return why it was ended."""
    seconds = task.options.timeout
    until = time.monotonic() + seconds + _GRACE if seconds else float("inf")
    parent = os.getppid()
    alive = os.pidfd_open(child.pid)
    try:
        while not _ended(alive, LOOK_SECONDS):
            asked = task.stop.exists() or _orphaned(parent)
            if asked or time.monotonic() > until:
                _end(child, alive)
                return "asked" if asked else "late"
    except KeyboardInterrupt:  # of an executor's process, which the terminal interrupts as well
        _end(child, alive)
        return "asked"
    finally:
        os.close(alive)
    return ""


def _ended(alive: int, seconds: float) -> bool:
    return bool(select.select([alive], [], [], seconds)[0])


def _orphaned(parent: int) -> bool:
    """Tell whether this is a process of an executor whose owner is gone, so that nobody waits for the outcome."""
    return multiprocessing.parent_process() is not None and os.getppid() != parent


def _end(child: subprocess.Popen[bytes], alive: int) -> None:
    """Ask the process to end, and give it the time to clean up; what is left then is killed by ``ending``."""
    os.kill(child.pid, signal.SIGTERM)
    with contextlib.suppress(KeyboardInterrupt):
        _ended(alive, END_SECONDS)


def _judged(attempt: Attempt, why: _Why, status: int, said: bytes, errors: bytes) -> Outcome:
    """Return what the process said of its end, if that can be believed, else what is known without it."""
    outcome = _parsed(attempt, said)
    if outcome is not None and (outcome.state == "done" or not why):
        return outcome
    if why == "asked":
        return attempt.interrupted()
    job = attempt.task.job.id
    if why == "late":
        return attempt.failed(JobOutOfTime(job, attempt.task.options.timeout or 0))
    how = f"was killed by {_name(-status)}" if status < 0 else f"ended with status {status} without an outcome"
    return attempt.failed(JobDied(job, how, errors[-_TAIL:].decode(errors="replace").strip()))


def _parsed(attempt: Attempt, said: bytes) -> Outcome | None:
    try:
        outcome = Outcome.model_validate_json(said)
    except ValidationError:
        return None
    return attempt.measured(outcome) if outcome.job == attempt.task.job.id else None


def _name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
