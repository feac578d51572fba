"""Run tasks on an executor, a bounded number at a time: journal first, then the deed; retries, a stop, and the logs."""

from __future__ import annotations

import contextlib
import time
from collections import deque
from concurrent.futures import FIRST_COMPLETED, wait
from dataclasses import dataclass
from typing import TYPE_CHECKING

from imagekit.errors import HostError, ImagekitError
from imagekit.farm.attend import attend
from imagekit.farm.events import JobFinished, JobRetried, JobStarted, JobWentOn
from imagekit.farm.job import Outcome
from imagekit.farm.joblog import Tail
from imagekit.farm.outcomes import Attempt, JobLost
from imagekit.farm.retrying import worth_another

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from concurrent.futures import Executor, Future
    from pathlib import Path

    from imagekit.events import OnEvent
    from imagekit.farm.job import Task
    from imagekit.farm.journal import Journal

_LOOK_SECONDS = 0.25
"""Between two looks into the logs of the jobs that run."""
_STOP_SECONDS = 5.0
"""For all that runs to end once it was asked to."""
_OWN_WORDS = ("AttemptStarted", "Traceback", "Outcome")
"""What is in a log besides the events of the job."""


class ExecutorFailed(HostError):
    """The executor takes no jobs any more."""

    code = "IK-FARM-104"

    def __init__(self, error: BaseException) -> None:
        super().__init__(
            "the executor takes no more jobs",
            why=f"{type(error).__name__}: {error}".rstrip(": "),
            fix="mend it, and go on with --resume: what was done is in the journal",
        )


@dataclass(frozen=True, slots=True)
class Rules:
    """How a farm is run.

    Attributes:
        at_a_time: the most tasks that are given away at any time.
        fail_fast: give nothing more away once a job has failed.
        retries: attempts after the first, for what is worth another.
        pauses: seconds before each of them; the last counts for all that follow.
    """

    at_a_time: int
    fail_fast: bool = False
    retries: int = 2
    pauses: tuple[float, ...] = (5.0, 20.0)

    def pause(self, attempt: int) -> float:
        """Return the seconds between a failed attempt, counted from 1, and the next."""
        return self.pauses[min(attempt, len(self.pauses)) - 1]


@dataclass(frozen=True, slots=True)
class _Given:
    """A task that was given away, what is known of it meanwhile, and where it is shown."""

    task: Task
    slot: int
    attempt: Attempt
    tail: Tail


class Runner:
    """Runs the tasks of one farm; everything it needs is given to it."""

    def __init__(
        self,
        executor: Executor,
        journal: Journal,
        rules: Rules,
        *,
        stop: Path,
        on_event: OnEvent,
        work: Callable[[Task], Outcome] = attend,
    ) -> None:
        self._executor = executor
        self._journal = journal
        self._rules = rules
        self._stop_file = stop
        self._on_event = on_event
        self._work = work
        self._waiting: deque[tuple[float, Task]] = deque()
        self._running: dict[Future[Outcome], _Given] = {}
        self._over = False

    def run(self, tasks: Sequence[Task]) -> None:
        """Run all tasks to their ends, good or bad; whatever is raised on the way, the journal is true afterwards.

        Raises:
            ExecutorFailed: nothing more can be given away.
        """
        self._waiting.extend((0.0, task) for task in tasks)
        try:
            while self._waiting or self._running:
                self._give_away()
                self._look()
        except BaseException:
            self._stop()
            raise

    def _give_away(self) -> None:
        """Give tasks away as long as there are slots for them, those first whose time has come."""
        while len(self._running) < self._rules.at_a_time:
            due = next((entry for entry in self._waiting if entry[0] <= time.monotonic()), None)
            if due is None:
                return
            self._give(due)

    def _give(self, entry: tuple[float, Task]) -> None:
        task = entry[1]
        taken = {given.slot for given in self._running.values()}
        slot = next(number for number in range(self._rules.at_a_time) if number not in taken)
        given = _Given(task, slot, Attempt.begin(task), Tail(task.log))
        self._journal.give(task.job.id, task.attempt)
        self._waiting.remove(entry)
        try:
            future = self._executor.submit(self._work, task)
        except Exception as error:
            self._journal.wait(task.job.id, task.attempt)
            raise error if isinstance(error, ImagekitError) else ExecutorFailed(error) from error
        self._running[future] = given
        self._on_event(JobStarted(task.job.id, slot, task.attempt, str(task.job.output)))

    def _look(self) -> None:
        """Wait a little for an end, tell what goes on, and take what has ended."""
        if not self._running:
            if self._waiting:  # all of them failed a moment ago
                time.sleep(max(0.0, min(_LOOK_SECONDS, min(due for due, _ in self._waiting) - time.monotonic())))
            return
        ended, _ = wait(self._running, timeout=_LOOK_SECONDS, return_when=FIRST_COMPLETED)
        for future, given in list(self._running.items()):
            self._follow(given)
            if future in ended:
                self._take(future, given)

    def _follow(self, given: _Given) -> None:
        for document in given.tail.new():
            if document.get("event") not in _OWN_WORDS:
                self._on_event(JobWentOn(given.task.job.id, given.slot, document))

    def _take(self, future: Future[Outcome], given: _Given) -> None:
        """Note an end, and decide what follows from it."""
        outcome = _outcome(future, given)
        again = not self._over and outcome.attempt <= self._rules.retries and worth_another(outcome)
        self._journal.end(outcome, again=again)
        del self._running[future]
        self._follow(given)
        if again:
            task = given.task.model_copy(update={"attempt": outcome.attempt + 1})
            self._waiting.append((time.monotonic() + self._rules.pause(outcome.attempt), task))
            self._on_event(JobRetried(outcome.job, outcome.attempt, outcome.code, outcome.message))
            return
        if outcome.state != "done" and self._rules.fail_fast:
            self._skip_the_rest()
        self._tell(outcome, given)

    def _skip_the_rest(self) -> None:
        self._over = True
        self._journal.skip(task.job.id for _, task in self._waiting)
        self._waiting.clear()

    def _tell(self, outcome: Outcome, given: _Given) -> None:
        self._on_event(
            JobFinished(
                outcome.job,
                given.slot,
                outcome.state,
                outcome.reused,
                outcome.attempt,
                outcome.seconds,
                outcome.exit_status,
                outcome.code,
                outcome.message,
                str(given.task.job.output),
            )
        )

    def _stop(self) -> None:
        """Ask all that runs to end, wait for it, and note how it ended; what does not end in time is left to itself."""
        for future in self._running:  # before anything ends, for then a worker would take what still waits
            future.cancel()
        with contextlib.suppress(OSError):
            self._stop_file.touch()
        late = wait(self._running, timeout=_STOP_SECONDS).not_done
        for future, given in list(self._running.items()):
            outcome = given.attempt.interrupted() if future in late or future.cancelled() else _outcome(future, given)
            self._journal.end(outcome)
            with contextlib.suppress(Exception):  # what ended the run may be the listener
                self._tell(outcome, given)
        self._running.clear()
        if not late:
            self._stop_file.unlink(missing_ok=True)


def _outcome(future: Future[Outcome], given: _Given) -> Outcome:
    """Return how a task ended; an executor that failed instead has lost it.

    Raises:
        KeyboardInterrupt: the executor's process was interrupted as this one is about to be.
    """
    error = None if future.cancelled() else future.exception()
    if isinstance(error, KeyboardInterrupt):
        raise error
    result = None if error or future.cancelled() else future.result()
    if isinstance(result, Outcome) and result.job == given.task.job.id:
        return result
    return given.attempt.failed(JobLost(given.task.job.id, error))
