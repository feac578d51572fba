from __future__ import annotations

import contextlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path

import pytest

import imagekit
from imagekit.diagnostics import SpecInvalid
from imagekit.errors import Interrupted
from imagekit.farm.batching import batch
from imagekit.farm.document import FarmInvalid
from imagekit.farm.events import FarmFinished, FarmStarted, JobFinished, JobStarted
from imagekit.farm.job import Outcome
from imagekit.farm.journal import open_journal, read_journal
from imagekit.farm.journal_errors import JournalDamaged, JournalInUse
from imagekit.farm.settling import FarmBegun, OutputsInTheWay
from imagekit.images.publish import receipt_beside

FARM = """\
version: 1
name: sites
images: [base.qcow2]
specs: [web.yaml]
matrix: {site: [paris, rome]}
output: "out/{image}-{spec}-{site}.qcow2"
"""
SPEC = "version: 1\nvars: {site: nowhere}\ntransforms:\n  - hostname: web-${{ site }}\n"
PARIS, ROME = "base-web-paris", "base-web-rome"

# As a program of a user would: every job runs until it is asked to end.
PROGRAM = """
import sys
import imagekit
from imagekit.farm import attend as attending

farm, child = sys.argv[1:]
attending.child_command = lambda: ["/bin/sh", child]
try:
    imagekit.batch(farm, jobs=2, on_event=lambda event: print(type(event).__name__, flush=True))
except imagekit.ImagekitError as error:
    print(error.code, error.exit_status, flush=True)
    sys.exit(error.exit_status)
"""
CHILD = "trap 'exit 143' TERM; echo $$ >>{pids}; while :; do sleep 0.05; done\n"


def failing(task):
    """Fail a job of rome, and have any other done."""
    if "rome" in task.job.id:
        return Outcome(job=task.job.id, state="failed", started=datetime.now(UTC), exit_status=4, code="IK-IMG-101")
    return Outcome(job=task.job.id, state="done", started=datetime.now(UTC))


@pytest.fixture
def document(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", tmp_path / "base.qcow2", "1M"], check=True)
    (tmp_path / "web.yaml").write_text(SPEC)
    path = tmp_path / "farm.yaml"
    path.write_text(FARM)
    return path


def states(report):
    return {job.job.id: job.state for job in report.jobs}


def test_every_output_is_made_and_told(document, maker, tmp_path) -> None:
    events = []

    report = batch(document, work=maker, on_event=events.append)

    assert sorted(maker.made) == [PARIS, ROME]
    assert states(report) == {PARIS: "done", ROME: "done"}
    assert (report.exit_status, report.name, report.farm, report.interrupted) == (0, "sites", str(document), False)
    assert report.journal == tmp_path / "out" / "farm.journal.sqlite"
    assert [type(event) for event in (events[0], events[-1])] == [FarmStarted, FarmFinished]
    assert (events[0].jobs, events[0].finished, events[0].at_a_time) == (2, 0, report.at_a_time)
    assert (events[-1].done, events[-1].failed) == (2, 0)


def test_the_inputs_of_each_job_are_its_own(document, maker) -> None:
    paris, rome = (job.inputs for job in batch(document, work=maker).jobs)

    assert paris
    assert paris != rome


def test_one_that_fails_stops_no_other_and_the_exit_status_says_so(document) -> None:
    report = batch(document, work=failing)

    assert states(report) == {PARIS: "done", ROME: "failed"}
    assert report.exit_status == 7
    assert [job.outcome.code for job in report.failed if job.outcome] == ["IK-IMG-101"]


@pytest.mark.parametrize(
    "pool",
    [lambda: ThreadPoolExecutor(2), lambda: ProcessPoolExecutor(2, get_context("spawn"))],
    ids=["threads", "processes"],
)
def test_any_executor_will_do_and_stays_the_callers(document, tmp_path, pool) -> None:
    (tmp_path / "base.qcow2").write_bytes(b"no image at all")

    with pool() as executor:
        report = batch(document, executor=executor)

        assert executor.submit(len, "abc").result() == 3
    assert states(report) == {PARIS: "failed", ROME: "failed"}
    assert {job.outcome.exit_status for job in report.jobs if job.outcome} == {4}


def test_a_farm_that_was_begun_is_not_begun_again_unasked(document, maker) -> None:
    batch(document, work=maker)

    with pytest.raises(FarmBegun, match="2 of its 2 jobs are done"):
        batch(document, work=maker)


def test_to_resume_is_to_do_what_is_missing(document, maker, tmp_path) -> None:
    batch(document, work=maker)
    receipt_beside(tmp_path / "out" / f"{ROME}.qcow2").unlink()
    paris = (tmp_path / "out" / f"{PARIS}.qcow2").stat()

    report = batch(document, work=maker, resume=True)

    assert sorted(maker.made) == [PARIS, ROME, ROME]
    assert states(report) == {PARIS: "done", ROME: "done"}
    assert {job.job.id: job.outcome.reused for job in report.jobs if job.outcome} == {PARIS: True, ROME: False}
    assert (tmp_path / "out" / f"{PARIS}.qcow2").stat() == paris


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: (folder / "web.yaml").write_text(SPEC + "  - machine-id\n"),
        lambda folder: (folder / "base.qcow2").write_bytes((folder / "base.qcow2").read_bytes() + bytes(65536)),
    ],
    ids=["spec", "base"],
)
def test_to_resume_is_to_do_what_has_changed(document, tmp_path, change) -> None:
    asked = []

    def work(task):
        asked.append((task.job.id, task.replace, task.inputs))
        return failing(task)

    first = batch(document, work=work)
    change(tmp_path)
    (tmp_path / "out" / f"{PARIS}.qcow2").write_bytes(b"as it was before")
    second = batch(document, work=work, resume=True)

    assert [entry[:2] for entry in asked if entry[0] == PARIS] == [(PARIS, False), (PARIS, True)]
    assert first.jobs[0].inputs != second.jobs[0].inputs


def test_without_its_journal_a_farm_goes_on_from_the_receipts(document, maker) -> None:
    journal = batch(document, work=maker).journal
    journal.unlink()

    report = batch(document, work=maker, resume=True)

    assert len(maker.made) == 2
    assert report.exit_status == 0


def test_a_damaged_journal_is_told_before_anything_runs(document, maker) -> None:
    journal = batch(document, work=maker).journal
    journal.write_bytes(b"x" * 8192)

    with pytest.raises(JournalDamaged):
        batch(document, work=maker, resume=True)
    assert len(maker.made) == 2


def test_a_file_in_the_way_is_told_before_anything_runs(document, maker, tmp_path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / f"{ROME}.qcow2").write_bytes(b"precious")

    with pytest.raises(OutputsInTheWay):
        batch(document, work=maker)
    assert maker.made == []
    assert (tmp_path / "out" / f"{ROME}.qcow2").read_bytes() == b"precious"


def test_by_force_a_farm_is_made_anew(document, make_outcome) -> None:
    asked = []

    def work(task):
        asked.append(task)
        return make_outcome(task.job.id)

    batch(document, work=work)
    before = datetime.now(UTC)
    batch(document, work=work, force=True)

    assert [(task.replace, task.since is not None and task.since >= before) for task in asked[2:]] == [(True, True)] * 2


def test_what_is_older_than_an_age_is_made_anew(document, maker, tmp_path, write_output) -> None:
    report = batch(document, work=maker)
    inputs = {job.job.id: job.inputs for job in report.jobs}
    write_output(tmp_path / "out" / f"{PARIS}.qcow2", inputs[PARIS], started=datetime.now(UTC))
    asked = []

    def work(task):
        asked.append(task.job.id)
        return failing(task)

    batch(document, work=work, refresh=3600)

    assert asked == [ROME]


def test_a_part_of_a_farm_leaves_the_rest_waiting(document, maker) -> None:
    report = batch(document, work=maker, only=["*-rome"])

    assert states(report) == {ROME: "done"}
    assert report.exit_status == 0
    assert {record.job.id: record.state for record in read_journal(report.journal)} == {PARIS: "waiting", ROME: "done"}
    assert states(batch(document, work=maker, resume=True)) == {PARIS: "done", ROME: "done"}


def test_shares_of_a_farm_keep_out_of_each_others_way(document, maker) -> None:
    reports = [batch(document, work=maker, shard=(number, 2)) for number in (1, 2)]

    assert sorted(maker.made) == [PARIS, ROME]
    assert len({report.journal for report in reports}) == 2
    assert all(report.exit_status == 0 for report in reports)


def test_fail_fast_and_retries_reach_the_runner(document) -> None:
    def work(task):
        status = {"exit_status": 6, "code": "IK-APP-003"}
        return Outcome(job=task.job.id, state="failed", started=datetime.now(UTC), attempt=task.attempt, **status)

    report = batch(document, work=work, fail_fast=True, retries=0, jobs=1)

    assert states(report) == {PARIS: "failed", ROME: "skipped"}
    assert report.at_a_time == 1


def test_a_second_runner_is_kept_out(document, maker, tmp_path) -> None:
    (tmp_path / "out").mkdir()
    with open_journal(tmp_path / "out" / "farm.journal.sqlite", "../farm.yaml"), pytest.raises(JournalInUse):
        batch(document, work=maker)

    assert maker.made == []


def test_a_wrong_spec_is_told_before_anything_is_written(document, maker, tmp_path) -> None:
    (tmp_path / "web.yaml").write_text("version: 1\ntransforms:\n  - no-such-kind\n")

    with pytest.raises(SpecInvalid):
        batch(document, work=maker)
    assert not (tmp_path / "out").exists()


def test_a_variable_that_no_spec_has_is_told(document, maker) -> None:
    with pytest.raises(FarmInvalid, match="no spec has a variable"):
        batch(document, work=maker, variables={"tier": "gold"})


def test_a_share_without_the_spec_of_a_variable_is_no_mistake(document, maker, tmp_path) -> None:
    (tmp_path / "db.yaml").write_text("version: 1\ntransforms:\n  - hostname: db\n")
    document.write_text(FARM.replace("[web.yaml]", "[web.yaml, db.yaml]"))

    report = batch(document, work=maker, only=["base-db-*"])

    assert report.exit_status == 0
    assert len(report.jobs) == 2


def test_a_report_is_written_whatever_came_of_it(document, tmp_path, maker) -> None:
    batch(document, work=failing, html=tmp_path / "report.html")

    assert ROME in (tmp_path / "report.html").read_text()


def test_an_interrupted_run_has_a_report_a_true_journal_and_an_error_of_ours(document, tmp_path) -> None:
    def interrupt(event):
        if isinstance(event, JobFinished) and event.job == PARIS:
            raise KeyboardInterrupt

    with pytest.raises(Interrupted) as ended:
        batch(document, work=failing, jobs=1, on_event=interrupt, html=tmp_path / "report.html")

    assert ended.value.exit_status == 130
    assert "--resume" in ended.value.fix
    journal = tmp_path / "out" / "farm.journal.sqlite"
    assert [record.state for record in read_journal(journal)] == ["done", "waiting"]
    with contextlib.closing(sqlite3.connect(journal)) as db:
        assert db.execute("SELECT how FROM runs").fetchall() == [("interrupted",)]
    assert (tmp_path / "report.html").exists()


def test_what_was_left_by_a_runner_that_was_killed_while_it_stopped_is_swept(document, maker, tmp_path) -> None:
    logs = tmp_path / "out" / "farm.logs"
    logs.mkdir(parents=True)
    (logs / "stop-farm.journal-00000000").touch()
    (logs / "stop-farm.1-of-2.journal-00000000").touch()

    batch(document, work=maker)

    assert [path.name for path in logs.iterdir()] == ["stop-farm.1-of-2.journal-00000000"]


def test_the_library_prints_nothing(document, capfd) -> None:
    batch(document, work=failing)

    assert capfd.readouterr() == ("", "")


def test_a_listener_that_fails_ends_the_run_with_a_true_journal(document, tmp_path) -> None:
    def fail(event):
        if isinstance(event, JobStarted):
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        batch(document, work=failing, jobs=1, on_event=fail)

    assert "running" not in [record.state for record in read_journal(tmp_path / "out" / "farm.journal.sqlite")]


def test_it_is_a_name_of_the_library() -> None:
    assert imagekit.batch is batch


def test_ctrl_c_ends_a_real_run_with_all_its_processes(document, tmp_path) -> None:
    (tmp_path / "child.sh").write_text(CHILD.format(pids=tmp_path / "pids"))
    argv = [sys.executable, "-c", PROGRAM, str(document), str(tmp_path / "child.sh")]
    runner = subprocess.Popen(
        argv,
        stdout=subprocess.PIPE,
        text=True,
        # A shell that starts tests in the background has its children ignore SIGINT.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509  a system call only
    )
    while not (tmp_path / "pids").exists() or len((tmp_path / "pids").read_text().split()) < 2:
        threading.Event().wait(0.02)

    os.kill(runner.pid, signal.SIGINT)
    said = runner.communicate()[0].split("\n")

    assert runner.returncode == 130
    assert said[-2:] == ["IK-INT-130 130", ""]
    assert [record.state for record in read_journal(tmp_path / "out" / "farm.journal.sqlite")] == ["interrupted"] * 2
    assert not any(Path("/proc", pid).exists() for pid in (tmp_path / "pids").read_text().split())
    assert json.loads((tmp_path / "out" / "farm.logs" / f"{PARIS}.jsonl").read_text())["state"] == "interrupted"
