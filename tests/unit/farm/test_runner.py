from __future__ import annotations

import itertools
import threading
from collections import Counter
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool

import pytest

from imagekit.events import StageStarted
from imagekit.farm.events import JobFinished, JobRetried, JobStarted, JobWentOn
from imagekit.farm.finished import finished
from imagekit.farm.joblog import JobLog
from imagekit.farm.journal import open_journal, read_journal
from imagekit.farm.journal_rows import JobRecord
from imagekit.farm.runner import ExecutorFailed, Rules, Runner
from imagekit.images.publish import receipt_beside

NAMES = [f"job-{number:03}" for number in range(100)]


class AtOnce(Executor):
    """Runs what it is given on the spot; what the work raises is in the future, as everywhere."""

    def submit(self, work, /, *args, **kwargs):
        future = Future()
        try:
            future.set_result(work(*args, **kwargs))
        except Exception as error:  # noqa: BLE001  a future takes any
            future.set_exception(error)
        return future


@pytest.fixture
def path(tmp_path):
    return tmp_path / "farm.journal.sqlite"


@pytest.fixture
def run(path, make_task, tmp_path):
    """``run(names, work, executor=AtOnce(), on_event=…, **rules)``: run tasks; return the events by kind."""

    def start(names, work, *, executor=None, on_event=None, **rules):
        events = []

        def listen(event):
            events.append(event)
            if on_event:
                on_event(event)

        tasks = [make_task(name) for name in names]
        with open_journal(path, "farm.yaml") as journal:
            journal.begin([JobRecord(task.job, task.inputs) for task in tasks])
            settings = Rules(**{"at_a_time": 2, "pauses": (0.0,), **rules})
            runner = Runner(executor or AtOnce(), journal, settings, stop=tmp_path / "stop", on_event=listen, work=work)
            try:
                runner.run(tasks)
            finally:
                journal.close("")
        return events

    return start


def states(path):
    return {record.job.id: record.state for record in read_journal(path)}


def of(kind, events):
    return [event for event in events if isinstance(event, kind)]


def failing(task, make_outcome, **fields):
    return make_outcome(task.job.id, state="failed", attempt=task.attempt, **fields)


def test_every_job_of_a_farm_is_done_once_and_told(run, path, maker) -> None:
    events = run(NAMES, maker)

    assert sorted(maker.made) == NAMES
    assert set(states(path).values()) == {"done"}
    assert [event.job for event in of(JobStarted, events)] == NAMES
    assert {event.job: event.state for event in of(JobFinished, events)} == dict.fromkeys(NAMES, "done")


def test_threads_do_as_well(run, path, maker) -> None:
    with ThreadPoolExecutor(4) as threads:
        run(NAMES, maker, executor=threads, at_a_time=4)

    assert sorted(maker.made) == NAMES
    assert set(states(path).values()) == {"done"}


def test_a_job_that_fails_stops_no_other(run, path, maker, make_outcome) -> None:
    def work(task):
        return failing(task, make_outcome, exit_status=4) if task.job.id == "job-003" else maker(task)

    events = run(NAMES[:10], work)

    assert [name for name, state in states(path).items() if state != "done"] == ["job-003"]
    assert [event.exit_status for event in of(JobFinished, events) if event.state == "failed"] == [4]


def test_no_more_are_given_away_than_may_run(run, maker) -> None:
    lock, running, most = threading.Lock(), Counter(), []

    def work(task):
        with lock:
            running["now"] += 1
            most.append(running["now"])
        outcome = maker(task)
        with lock:
            running["now"] -= 1
        return outcome

    with ThreadPoolExecutor(8) as threads:
        run(NAMES, work, executor=threads, at_a_time=3)

    assert max(most) <= 3


def test_each_running_job_has_a_slot_of_its_own(run, maker) -> None:
    with ThreadPoolExecutor(4) as threads:
        events = run(NAMES, maker, executor=threads, at_a_time=4)

    taken = {}
    for event in events:
        if isinstance(event, JobStarted):
            assert event.slot not in taken.values()
            taken[event.job] = event.slot
        elif isinstance(event, JobFinished):
            assert taken.pop(event.job) == event.slot
    assert {event.slot for event in of(JobStarted, events)} <= set(range(4))


def test_a_job_is_in_the_journal_before_it_is_given_away(run, path) -> None:
    seen = []

    def work(task):
        seen.append(states(path)[task.job.id])
        raise RuntimeError

    run(NAMES[:3], work, retries=0)

    assert seen == ["running"] * 3


def test_host_trouble_is_tried_again_and_told(run, path, maker, make_outcome) -> None:
    def work(task):
        if task.attempt < 3:
            return failing(task, make_outcome, exit_status=6, code="IK-APP-003", message="died")
        return maker(task)

    events = run(["a", "b"], work)

    assert states(path) == {"a": "done", "b": "done"}
    assert [(event.attempt, event.code) for event in of(JobRetried, events) if event.job == "a"] == [
        (1, "IK-APP-003"),
        (2, "IK-APP-003"),
    ]
    assert [(event.job, event.attempt) for event in of(JobFinished, events)] == [("a", 3), ("b", 3)]


def test_a_job_is_given_up_after_two_more_attempts(run, path, make_outcome) -> None:
    events = run(["a"], lambda task: failing(task, make_outcome, exit_status=3, code="IK-LOCK-001"))

    assert [event.attempt for event in of(JobStarted, events)] == [1, 2, 3]
    assert states(path) == {"a": "failed"}


def test_a_wrong_spec_is_never_tried_again(run, make_outcome) -> None:
    events = run(["a"], lambda task: failing(task, make_outcome, exit_status=2, code="IK-SPEC-001"))

    assert len(of(JobStarted, events)) == 1
    assert of(JobRetried, events) == []


def test_a_job_that_failed_lets_others_go_first(run, make_outcome, maker) -> None:
    def work(task):
        return maker(task) if task.attempt == 2 else failing(task, make_outcome, exit_status=6, code="IK-APP-003")

    events = run(["a", "b", "c"], work, at_a_time=1)

    assert [event.job for event in of(JobStarted, events)] == ["a", "b", "c", "a", "b", "c"]


def test_the_pauses_grow_and_the_last_one_stays() -> None:
    rules = Rules(1)

    assert [rules.pause(attempt) for attempt in (1, 2, 3)] == [5.0, 20.0, 20.0]


def test_fail_fast_begins_nothing_after_a_failure_and_lets_the_rest_end(run, path, maker, make_outcome) -> None:
    begun = threading.Event()

    def work(task):
        if task.job.id == "job-000":
            begun.wait()
            return failing(task, make_outcome, exit_status=4)
        begun.set()
        return maker(task)

    with ThreadPoolExecutor(2) as threads:
        events = run(NAMES[:2], work, executor=threads, fail_fast=True)
        more = run(NAMES[:6], lambda task: failing(task, make_outcome, exit_status=4), fail_fast=True, at_a_time=1)

    assert {event.job: event.state for event in of(JobFinished, events)} == {"job-000": "failed", "job-001": "done"}
    assert [event.job for event in of(JobStarted, more)] == ["job-000"]
    assert states(path) == {"job-000": "failed", **dict.fromkeys(NAMES[1:6], "skipped")}


def test_after_a_failure_that_ends_all_nothing_is_tried_again(run, path, make_outcome) -> None:
    begun = threading.Event()

    def work(task):
        if task.job.id == "a":
            begun.set()
            return failing(task, make_outcome, exit_status=4)
        begun.wait()
        return failing(task, make_outcome, exit_status=6, code="IK-APP-003")

    with ThreadPoolExecutor(2) as threads:
        events = run(["a", "b"], work, executor=threads, fail_fast=True, pauses=(60.0,))

    assert len(of(JobStarted, events)) == 2
    assert states(path) == {"a": "failed", "b": "failed"}


def test_a_worker_that_is_lost_costs_an_attempt(run, path, maker) -> None:
    def work(task):
        if task.attempt == 1:
            raise ConnectionError("worker left")
        return maker(task)

    events = run(["a"], work)

    assert states(path) == {"a": "done"}
    (retried,) = of(JobRetried, events)
    assert retried.code == "IK-FARM-103"


def test_what_is_no_outcome_of_the_job_is_none(run, path, make_outcome) -> None:
    run(["a", "b"], lambda task: make_outcome("other") if task.job.id == "a" else "done", retries=0)

    assert states(path) == {"a": "failed", "b": "failed"}


def test_an_executor_that_takes_nothing_more_ends_the_run_with_a_true_journal(run, path, maker) -> None:
    class Breaking(AtOnce):
        def submit(self, work, /, task):
            if task.job.id == "job-002":
                raise BrokenProcessPool("a child process terminated abruptly")
            return super().submit(work, task)

    with pytest.raises(ExecutorFailed, match="no more jobs") as failed:
        run(NAMES[:4], maker, executor=Breaking(), at_a_time=1)

    assert "BrokenProcessPool" in failed.value.why
    assert states(path) == {"job-000": "done", "job-001": "done", "job-002": "waiting", "job-003": "waiting"}


def test_what_goes_on_in_a_job_is_told_in_order_and_before_its_end(run, maker) -> None:
    def work(task):
        log = JobLog(task.log)
        log.write({"event": "AttemptStarted"})
        for stage in ("check image", "start appliance"):
            log.event(StageStarted(stage))
        log.write({"event": "Outcome"})
        return maker(task)

    events = run(["a"], work)

    kinds = [type(event) for event in events]
    assert kinds == [JobStarted, JobWentOn, JobWentOn, JobFinished]
    assert [event.inner["stage"] for event in of(JobWentOn, events)] == ["check image", "start appliance"]


class Hanging:
    """A work whose every job runs until the stop file is there, as ``attend`` does."""

    def __init__(self, make_outcome, limit):
        self._make_outcome = make_outcome
        self.running = threading.Barrier(limit + 1)

    def __call__(self, task):
        self.running.wait()
        while not task.stop.exists():
            threading.Event().wait(0.005)
        return self._make_outcome(task.job.id, state="interrupted", exit_status=143)


@pytest.mark.parametrize("end", [KeyboardInterrupt, SystemExit])
def test_an_interrupted_run_asks_all_to_end_and_leaves_a_true_journal(run, path, tmp_path, make_outcome, end) -> None:
    work = Hanging(make_outcome, 2)

    def interrupt(event):
        if isinstance(event, JobStarted) and event.slot == 1:
            work.running.wait()
            raise end

    with ThreadPoolExecutor(2) as threads, pytest.raises(end):
        run(NAMES[:4], work, executor=threads, on_event=interrupt)

    assert [*states(path).values()] == ["interrupted", "interrupted", "waiting", "waiting"]
    assert not (tmp_path / "stop").exists()


def test_what_ends_well_while_all_are_asked_to_end_is_done(run, path, maker) -> None:
    ending = threading.Event()

    def work(task):
        ending.wait()
        return maker(task)

    def interrupt(event):
        ending.set()
        raise KeyboardInterrupt

    with ThreadPoolExecutor(1) as threads, pytest.raises(KeyboardInterrupt):
        run(["a"], work, executor=threads, on_event=interrupt)

    assert states(path) == {"a": "done"}


def test_a_task_that_no_worker_took_yet_is_taken_back(run, path, make_outcome) -> None:
    work = Hanging(make_outcome, 1)

    def interrupt(event):
        if isinstance(event, JobStarted) and event.slot == 1:
            work.running.wait()
            raise KeyboardInterrupt

    with ThreadPoolExecutor(1) as threads, pytest.raises(KeyboardInterrupt):
        run(["a", "b"], work, executor=threads, on_event=interrupt)

    assert states(path) == {"a": "interrupted", "b": "interrupted"}


class NobodyTakes(Executor):
    """An executor whose tasks all wait; it notes whether the stop file was there when one was taken back."""

    def __init__(self, stop):
        self.stop, self.seen = stop, []

    def submit(self, work, /, *args):
        future = Future()
        future.cancel = lambda: self._take_back(future)
        return future

    def _take_back(self, future):
        self.seen.append(self.stop.exists())
        return Future.cancel(future) and not future.set_running_or_notify_cancel()


def test_what_waits_is_taken_back_before_what_runs_is_asked_to_end(run, maker, tmp_path) -> None:
    executor = NobodyTakes(tmp_path / "stop")

    def interrupt(event):
        if isinstance(event, JobStarted) and event.slot == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(["a", "b"], maker, executor=executor, on_event=interrupt)

    assert executor.seen == [False, False]


class Killed(BaseException):
    """The runner is gone: nothing that it would have done afterwards happens."""


class Mortal:
    """A journal whose runner is killed before or after its n-th change; from then on nothing is written any more."""

    def __init__(self, journal, moment, *, before):
        self._journal, self._left, self._before = journal, moment, before

    def __getattr__(self, name):
        def change(*args, **kwargs):
            self._left -= 1
            if self._left < 0 or (self._left == 0 and self._before):
                raise Killed
            getattr(self._journal, name)(*args, **kwargs)
            if self._left == 0:
                raise Killed

        return change


class Flaky:
    """A work of which some jobs need a second attempt, and one fails for good."""

    def __init__(self, maker, make_outcome):
        self._maker, self._make_outcome = maker, make_outcome
        self.fell = set()

    def __call__(self, task):
        name = task.job.id
        if name == "job-002":
            return failing(task, self._make_outcome, exit_status=4, code="IK-IMG-101")
        if name == "job-001" and name not in self.fell:
            self.fell.add(name)
            return failing(task, self._make_outcome, exit_status=6, code="IK-APP-003")
        return self._maker(task)


def carry_on(path, tasks, work, *, moment=None, before=False):
    """Run what is not finished, as a run that resumes does; return whether the runner lived."""
    with open_journal(path, "farm.yaml") as journal:
        done = {task.job.id for task in tasks if finished(task.job.output, task.inputs)}
        journal.begin([JobRecord(t.job, t.inputs, "done" if t.job.id in done else "waiting") for t in tasks])
        writer = journal if moment is None else Mortal(journal, moment, before=before)
        rules = Rules(2, pauses=(0.0,))
        runner = Runner(AtOnce(), writer, rules, stop=path.with_name("stop"), on_event=lambda _: None, work=work)
        try:
            runner.run([task for task in tasks if task.job.id not in done])
        except Killed:
            return False
        return True


@pytest.mark.parametrize("before", [False, True], ids=["after", "before"])
def test_killed_at_every_change_and_resumed_each_output_is_made_once(
    path, make_task, maker, make_outcome, before
) -> None:
    tasks = [make_task(name) for name in NAMES[:5]]

    for moment in itertools.count(1):
        work = Flaky(maker, make_outcome)
        lived = carry_on(path, tasks, work, moment=moment, before=before)
        assert carry_on(path, tasks, work)

        assert Counter(maker.made) == Counter(["job-000", "job-001", "job-003", "job-004"])
        assert states(path) == {**{task.job.id: "done" for task in tasks}, "job-002": "failed"}
        if lived:
            break
        for task in tasks:
            task.job.output.unlink(missing_ok=True)
            receipt_beside(task.job.output).unlink(missing_ok=True)
        maker.made.clear()
    assert moment > 10


def test_killed_again_and_again_on_the_way_nothing_is_lost_or_made_twice(path, make_task, maker, make_outcome) -> None:
    tasks, work = [make_task(name) for name in NAMES], Flaky(maker, make_outcome)

    kills = sum(1 for _ in itertools.takewhile(lambda _: not carry_on(path, tasks, work, moment=7), itertools.count()))

    assert kills > 20
    assert Counter(maker.made) == Counter(name for name in NAMES if name != "job-002")
    assert Counter(states(path).values()) == {"done": 99, "failed": 1}
