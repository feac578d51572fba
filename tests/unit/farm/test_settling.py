from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from imagekit.engine.options import Options
from imagekit.farm.journal_rows import JobRecord
from imagekit.farm.preparing import Places
from imagekit.farm.settling import FarmBegun, Orders, OutputsInTheWay, oldest, settle
from imagekit.images.errors import ImageUnreadable
from imagekit.images.publish import receipt_beside

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


@pytest.fixture
def jobs(make_job):
    return tuple(make_job(name) for name in "abc")


@pytest.fixture
def decide(jobs, tmp_path):
    """``decide(*known, chosen=jobs, inputs=…, **orders)``: the states and tasks by job."""

    def with_orders(*known, chosen=jobs, inputs=lambda job: f"in-{job.id}", **orders):
        places = Places(tmp_path, tmp_path / "j", tmp_path / "logs", "farm.yaml")
        prepared = SimpleNamespace(places=places, jobs=jobs, chosen=chosen)
        settled = settle(prepared, known, Orders(Options(), {"db": "env:DB"}, tmp_path / "stop", **orders), inputs)
        records = {record.job.id: record for record in settled.records}
        assert [*records] == ["a", "b", "c"]
        return records, {task.job.id: task for task in settled.tasks}

    return with_orders


def test_what_nobody_made_yet_is_to_be_made(decide, tmp_path) -> None:
    records, tasks = decide()

    assert {record.state for record in records.values()} == {"waiting"}
    assert [*tasks] == ["a", "b", "c"]
    task = tasks["a"]
    assert (task.inputs, task.replace, task.attempt, task.secrets) == ("in-a", False, 1, {"db": "env:DB"})
    assert (task.log, task.stop) == (tmp_path / "logs" / "a.jsonl", tmp_path / "stop")


def test_a_finished_output_is_done_whatever_the_journal_says(decide, jobs, write_output) -> None:
    write_output(jobs[0].output, "in-a")
    write_output(jobs[1].output, "in-b")

    records, tasks = decide(JobRecord(jobs[1], "in-b", "running", 1))

    assert [records[name].state for name in "abc"] == ["done", "done", "waiting"]
    assert [*tasks] == ["c"]
    assert records["a"].outcome is not None
    assert (records["a"].outcome.reused, records["a"].outcome.sha256) == (True, "cafe")


def test_a_finished_output_tells_how_this_farm_made_it(decide, jobs, write_output, make_outcome) -> None:
    write_output(jobs[0].output, "in-a")
    made = make_outcome("a", sha256="cafe", seconds=12.5)

    records, _ = decide(JobRecord(jobs[0], "in-a", "done", 1, made))

    assert records["a"].outcome == made.model_copy(update={"reused": True})


def test_another_file_in_its_place_is_not_what_this_farm_made(decide, jobs, write_output, make_outcome) -> None:
    write_output(jobs[0].output, "in-a")

    records, _ = decide(JobRecord(jobs[0], "in-a", "done", 1, make_outcome("a", sha256="beef", seconds=12.5)))

    assert records["a"].outcome is not None
    assert records["a"].outcome.seconds < 12.5


@pytest.mark.parametrize(
    "spoil",
    [
        lambda output: output.unlink(),
        lambda output: receipt_beside(output).unlink(),
        lambda output: output.write_bytes(b"cut"),
    ],
    ids=["missing", "without receipt", "cut"],
)
def test_what_is_not_whole_any_more_is_made_in_its_place(decide, jobs, write_output, make_outcome, spoil) -> None:
    write_output(jobs[0].output, "in-a")
    spoil(jobs[0].output)

    records, tasks = decide(JobRecord(jobs[0], "in-a", "done", 1, make_outcome("a")))

    assert records["a"].state == "waiting"
    assert tasks["a"].replace


def test_what_went_in_and_changed_is_made_in_its_place(decide, jobs, write_output, make_outcome) -> None:
    write_output(jobs[0].output, "in-a, before")

    records, tasks = decide(JobRecord(jobs[0], "in-a, before", "done", 1, make_outcome("a")))

    assert (records["a"].inputs, tasks["a"].inputs, tasks["a"].replace) == ("in-a", "in-a", True)


def test_what_a_killed_run_left_is_ours_even_if_the_next_is_killed_before_it_comes_to_it(decide, jobs) -> None:
    jobs[0].output.write_bytes(b"published, but without its receipt")

    records, _ = decide(JobRecord(jobs[0], "in-a", "running", 1))
    _, tasks = decide(records["a"])

    assert tasks["a"].replace


def test_a_file_of_somebody_else_is_never_replaced_unasked(decide, jobs) -> None:
    jobs[0].output.write_bytes(b"precious")
    jobs[2].output.symlink_to("nowhere")

    with pytest.raises(OutputsInTheWay) as refused:
        decide(JobRecord(jobs[0], "", "waiting"))

    assert refused.value.paths == (jobs[0].output, jobs[2].output)
    assert refused.value.exit_status == 2
    assert jobs[0].output.read_bytes() == b"precious"


def test_an_output_under_a_new_name_is_not_the_one_that_was_begun(decide, jobs, make_outcome) -> None:
    before = jobs[0].model_copy(update={"output": Path("/elsewhere/old.qcow2")})
    jobs[0].output.write_bytes(b"precious")

    with pytest.raises(OutputsInTheWay):
        decide(JobRecord(before, "in-a", "done", 1, make_outcome("a")))


def test_a_farm_that_was_moved_as_a_whole_is_the_same(decide, jobs, make_outcome) -> None:
    before = jobs[0].model_copy(update={"output": Path("/elsewhere/a.qcow2")})
    jobs[0].output.write_bytes(b"without its receipt")

    assert decide(JobRecord(before, "in-a", "done", 1, make_outcome("a")))[1]["a"].replace


def test_by_force_all_is_made_anew_and_replaced(decide, jobs, write_output) -> None:
    write_output(jobs[0].output, "in-a")
    jobs[1].output.write_bytes(b"in the way")

    _, tasks = decide(force=True, since=oldest(NOW, force=True, refresh=None))

    assert {name: task.replace for name, task in tasks.items()} == {"a": True, "b": True, "c": True}
    assert tasks["a"].since == NOW


def test_what_is_too_old_is_made_anew(decide, jobs, write_output, make_outcome) -> None:
    for job, age in zip(jobs, (1, 3, 5), strict=True):
        write_output(job.output, f"in-{job.id}", started=NOW - timedelta(hours=age))
    known = [JobRecord(job, f"in-{job.id}", "done", 1, make_outcome(job.id)) for job in jobs]

    _, tasks = decide(*known, since=oldest(NOW, force=False, refresh=4 * 3600))

    assert [*tasks] == ["c"]


def test_jobs_that_were_not_chosen_stay_as_they_are(decide, jobs, make_outcome) -> None:
    failed = JobRecord(jobs[1], "in-b", "failed", 1, make_outcome("b", state="failed"))

    records, tasks = decide(failed, chosen=jobs[:1])

    assert [*tasks] == ["a"]
    assert (records["b"], records["c"].state) == (failed, "waiting")


def test_a_base_that_cannot_be_read_is_the_trouble_of_its_job_alone(decide) -> None:
    def inputs(job):
        if job.id == "b":
            raise ImageUnreadable(job.image, "Input/output error")
        return f"in-{job.id}"

    _, tasks = decide(inputs=inputs)

    assert {name: task.inputs for name, task in tasks.items()} == {"a": "in-a", "b": "", "c": "in-c"}


def test_nothing_is_too_old_unless_somebody_says_so() -> None:
    assert oldest(NOW, force=False, refresh=None) is None
    assert oldest(NOW, force=False, refresh=60) == NOW - timedelta(seconds=60)
    assert oldest(force=True, refresh=None) is not None


def test_a_farm_that_was_begun_says_how_far_it_came(tmp_path) -> None:
    error = FarmBegun(tmp_path / "j", 3, 24)

    assert "3 of its 24 jobs" in error.message
    assert "--resume" in error.fix
    assert "--force" in error.fix
    assert error.exit_status == 2


def test_many_files_in_the_way_are_told_in_one_sentence(tmp_path) -> None:
    paths = [tmp_path / f"{number}.qcow2" for number in range(9)]

    assert OutputsInTheWay(paths).message.endswith("4.qcow2 and 4 more exist")
    assert OutputsInTheWay(paths[:1]).message.endswith("0.qcow2 exists")


def test_a_record_of_what_was_decided_keeps_the_last_attempt(decide, jobs, make_outcome) -> None:
    known = JobRecord(jobs[0], "in-a", "interrupted", 2, make_outcome("a", state="interrupted"))

    records, _ = decide(known)

    assert records["a"] == replace(known, state="waiting")
