"""The process of one job: a task as JSON on stdin, its events in its log, an outcome as JSON on stdout.

    python -m imagekit.farm.child < task.json

It runs in a process group of its own, so that it can be ended whole; SIGTERM ends it as it ends a command.
"""

from __future__ import annotations

import os
import platform
import sys
import traceback
from typing import TYPE_CHECKING, Any

from imagekit.engine.customize import customize
from imagekit.errors import ImagekitError
from imagekit.farm.finished import finished
from imagekit.farm.job import Task
from imagekit.farm.joblog import JobLog
from imagekit.farm.outcomes import Attempt
from imagekit.farm.specs import load_job_spec
from imagekit.images.lock import hold_output
from imagekit.signals import Terminated, terminating

if TYPE_CHECKING:
    from collections.abc import Callable

    from imagekit.farm.job import Outcome
    from imagekit.receipt import Receipt

_PATIENCE = 60.0
"""Seconds for whoever still makes the same output: what is left of a run that was killed, or a worker thought lost."""


def carry_out(task: Task, *, build: Callable[..., Receipt] = customize, patience: float = _PATIENCE) -> Outcome:
    """Make the output of a task, and tell how that ended; nothing is raised.

    Args:
        task: the job with all that it needs.
        build: what makes it; ``customize``.
        patience: seconds that another run may still work on the same output.
    """
    attempt, log = Attempt.begin(task), JobLog(task.log)
    log.write({"event": "AttemptStarted", "attempt": task.attempt, "host": platform.node()})
    try:
        with terminating():
            return _made(attempt, log, build, patience)
    except ImagekitError as error:
        return attempt.failed(error)
    except (Terminated, KeyboardInterrupt):
        return attempt.interrupted()
    except Exception as error:  # noqa: BLE001  a bug ends this job alone, and is told like any other end
        log.write({"event": "Traceback", "text": "".join(traceback.format_exception(error))})
        return attempt.bug(error)


def _made(attempt: Attempt, log: JobLog, build: Callable[..., Receipt], patience: float) -> Outcome:
    """Build, unless somebody else made the same output until now."""
    task, job = attempt.task, attempt.task.job
    with hold_output(job.output, wait=patience):
        there = finished(job.output, task.inputs, since=task.since)
    if there:
        return attempt.done(there.sha256, there.size, reused=True)
    receipt = build(
        job.image,
        load_job_spec(job, secrets=task.secrets),
        output=job.output,
        force=task.replace,
        options=task.options,
        on_event=log.event,
    )
    made: Any = receipt.output
    return attempt.done(made.sha256, made.size)


def main() -> int:
    """Carry out the task on stdin; whatever else is printed meanwhile goes to stderr."""
    answer = os.dup(1)
    os.dup2(2, 1)
    outcome = carry_out(Task.model_validate_json(sys.stdin.buffer.read()))
    os.write(answer, outcome.model_dump_json().encode())
    return outcome.exit_status


if __name__ == "__main__":
    sys.exit(main())
