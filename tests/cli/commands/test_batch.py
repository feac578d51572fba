from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from imagekit.errors import Interrupted
from imagekit.farm.distributed import NoSlots
from imagekit.farm.events import FarmStarted
from imagekit.farm.job import Job
from imagekit.farm.listing import FarmListing, ListedJob
from imagekit.farm.summary import BatchReport, JobReport

if TYPE_CHECKING:
    from collections.abc import Callable

BATCH = "imagekit.farm.batching.batch"
LIST = "imagekit.farm.listing.list_jobs"
JOB = Job(id="a-web", image=Path("/in/a.qcow2"), spec=Path("/in/web.yaml"), output=Path("/out/a-web.qcow2"))
LISTING = FarmListing(
    farm="farm.yaml", journal=Path("/out/j"), at_a_time=2, jobs=(ListedJob(job=JOB, runs=True, reason="it is new"),)
)
ALL_DONE = BatchReport(
    farm="farm.yaml",
    journal=Path("/out/farm.journal.sqlite"),
    logs=Path("/out/farm.logs"),
    started=datetime(2026, 1, 1, tzinfo=UTC),
    seconds=3.0,
    at_a_time=1,
    jobs=(JobReport(job=JOB, inputs="", state="done", attempt=1, log=Path("/out/farm.logs/a-web.jsonl")),),
)


@pytest.fixture
def farm(tmp_path: Path, spec: Path) -> Path:
    """A farm file that is right: one image by one spec by two values."""
    (tmp_path / "a.qcow2").write_bytes(b"")
    path = tmp_path / "farm.yaml"
    path.write_text(
        f'images: [a.qcow2]\nspecs: [{spec.name}]\nmatrix: {{site: [paris, rome]}}\noutput: "out/{{image}}-{{site}}.qcow2"\n'
    )
    return path


def test_what_is_said_reaches_the_library(run: Callable[..., Any], engine: Callable[..., Any]) -> None:
    fake = engine(BATCH, ALL_DONE)

    ran = run(
        "batch", "farm.yaml", "--jobs", "3", "--only", "a-*", "--only", "b", "--fail-fast", "--resume", "--refresh",
        "7d", "--retries", "0", "--set", "site=rome", "--secret", "pw=env:PW", "--html", "r.html", "--scheduler",
        "tcp://h:1", "--shard", "2/4", "--timeout", "60", "--memory", "2048",
    )  # fmt: skip

    options, on_event = fake.kwargs.pop("options"), fake.kwargs.pop("on_event")
    on_event(FarmStarted(1, 0, 1, "/out/farm.journal.sqlite"))
    assert (ran.status, fake.args) == (0, (Path("farm.yaml"),))
    assert (options.timeout, options.memory) == (60, 2048)
    assert fake.kwargs == {
        "jobs": 3,
        "resume": True,
        "force": False,
        "only": ("a-*", "b"),
        "shard": (2, 4),
        "refresh": 7 * 86400.0,
        "variables": {"site": "rome"},
        "secrets": {"pw": "env:PW"},
        "fail_fast": True,
        "retries": 0,
        "html": Path("r.html"),
        "scheduler": "tcp://h:1",
    }


def test_what_is_not_said_is_left_to_the_library(run: Callable[..., Any], engine: Callable[..., Any]) -> None:
    fake = engine(BATCH, ALL_DONE)

    run("batch", "farm.yaml")

    assert {name: fake.kwargs[name] for name in ("jobs", "shard", "refresh", "html", "scheduler", "only")} == {
        "jobs": None,
        "shard": None,
        "refresh": None,
        "html": None,
        "scheduler": None,
        "only": (),
    }


def test_the_counts_are_the_last_line(run: Callable[..., Any], engine: Callable[..., Any]) -> None:
    engine(BATCH, ALL_DONE)

    assert run("batch", "farm.yaml").out.splitlines()[-1].startswith("1 job in 3.0 s: 1 done")


def test_with_json_events_are_all_that_is_printed(run: Callable[..., Any], engine: Callable[..., Any]) -> None:
    fake = engine(BATCH, ALL_DONE)

    ran = run("batch", "farm.yaml", "--json")

    assert (ran.status, ran.out) == (0, "")
    assert callable(fake.kwargs["on_event"])


def test_a_failed_job_ends_with_7(run: Callable[..., Any], engine: Callable[..., Any]) -> None:
    failed = ALL_DONE.jobs[0].model_copy(update={"state": "failed"})
    engine(BATCH, ALL_DONE.model_copy(update={"jobs": (failed,)}))

    ran = run("batch", "farm.yaml")

    assert ran.status == 7
    assert "again    imagekit batch farm.yaml --resume" in ran.out


@pytest.mark.parametrize(
    ("error", "status"), [(Interrupted("ended", fix="--resume"), 130), (NoSlots("tcp://h:1", 2), 3)]
)
def test_an_error_is_one_line_of_json_with_its_status(
    run: Callable[..., Any], engine: Callable[..., Any], error: Exception, status: int
) -> None:
    engine(BATCH, error)

    ran = run("batch", "farm.yaml", "--json")

    assert ran.status == status
    assert [json.loads(line)["error"]["exit_status"] for line in ran.out.splitlines()] == [status]


def test_a_dry_run_lists_and_begins_nothing(run: Callable[..., Any], engine: Callable[..., Any]) -> None:
    batch, listed = engine(BATCH, ALL_DONE), engine(LIST, LISTING)

    ran = run("batch", "farm.yaml", "--dry-run", "--resume", "--only", "a*", "--scheduler", "tcp://h:1")

    assert ran.status == 0
    assert "it is new" in ran.out
    assert batch.args == ()
    assert (listed.kwargs["resume"], listed.kwargs["only"]) == (True, ("a*",))


def test_a_dry_run_with_json_is_one_document(run: Callable[..., Any], engine: Callable[..., Any]) -> None:
    engine(LIST, LISTING)

    assert FarmListing.model_validate(json.loads(run("batch", "farm.yaml", "--dry-run", "--json").out)) == LISTING


def test_a_dry_run_of_a_real_farm_writes_nothing(run: Callable[..., Any], farm: Path) -> None:
    before = sorted(farm.parent.rglob("*"))

    ran = run("batch", farm, "--dry-run")

    assert ran.status == 0
    assert [line.split()[1] for line in ran.out.splitlines()[1:-1]] == ["a-spec-paris", "a-spec-rome"]
    assert sorted(farm.parent.rglob("*")) == before


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "missing argument 'FARM'"),
        (["none.yaml"], "cannot read none.yaml"),
        (["FARM", "--jobs", "0"], "--jobs"),
        (["FARM", "--jobs", "many"], "--jobs"),
        (["FARM", "--only", "nothing"], "no job is called nothing"),
        (["FARM", "--refresh", "soon"], "--refresh takes an age such as 7d, 12h or 30m, not 'soon'"),
        (["FARM", "--refresh", "d"], "--refresh takes an age"),
        (["FARM", "--retries", "-1"], "--retries"),
        (["FARM", "--set", "site"], "--set takes NAME=VALUE"),
        (["FARM", "--set", "site=rome"], "the matrix of the farm gives this variable its values"),
        (["FARM", "--secret", "pw"], "--secret takes NAME=VALUE"),
        (["FARM", "--secret", "pw=fd:3"], "a farm cannot read it from a file descriptor"),
        (["FARM", "--shard", "3"], "--shard 3: it is not two numbers"),
        (["FARM", "--shard", "0/4"], "--shard 0/4: shares are numbered from 1 to 4"),
        (["FARM", "--timeout", "0"], "--timeout"),
        (["FARM", "--expect", "plan.json"], "imagekit batch has no option --expect"),
        (["FARM", "--resum"], "did you mean: --resume"),
        (["FARM", "FARM"], "unexpected extra argument"),
    ],
)
def test_wrong_use_is_told_before_anything_is_begun(
    run: Callable[..., Any], farm: Path, words: list[str], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(farm.parent)
    before = sorted(farm.parent.rglob("*"))

    ran = run("batch", *(farm if word == "FARM" else word for word in words))

    assert ran.status == 2
    assert told in ran.err
    assert ran.out == ""
    assert sorted(path for path in farm.parent.rglob("*") if "state" not in path.parts) == before
