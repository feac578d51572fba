from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from imagekit.farm.document import FarmInvalid
from imagekit.farm.inputs import Inputs
from imagekit.farm.job import Outcome
from imagekit.farm.journal import open_journal
from imagekit.farm.journal_rows import JobRecord
from imagekit.farm.listing import list_jobs
from imagekit.farm.preparing import prepare
from imagekit.farm.specs import Specs
from imagekit.images.publish import receipt_beside

if TYPE_CHECKING:
    from pathlib import Path

    from imagekit.farm.job import Job, State
    from imagekit.farm.listing import FarmListing


@pytest.fixture
def farm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "a.img").write_bytes(bytes(4096))
    (tmp_path / "web.yaml").write_text("vars: {site: none}\ntransforms: [{hostname: '${{ site }}'}]\n")
    path = tmp_path / "farm.yaml"
    path.write_text("images: [a.img]\nspecs: [web.yaml]\nmatrix: {site: [paris, rome]}\noutput: 'out/{site}{suffix}'\n")
    return path


def made(farm: Path, job: Job, *, days: int = 0) -> None:
    """Write what a build of the job leaves, begun so many days ago."""
    job.output.parent.mkdir(exist_ok=True)
    job.output.write_bytes(b"image")
    receipt = {
        "inputs": Inputs(Specs(), farm.parent / "cache").of(job),
        "started": (datetime.now(UTC) - timedelta(days=days)).isoformat(),
        "output": {"sha256": "0" * 64, "size": 5},
    }
    receipt_beside(job.output).write_text(json.dumps(receipt))


def ended(farm: Path, job: Job, state: State) -> None:
    """Write in the journal how the job ended."""
    places = prepare(farm).places
    places.outputs.mkdir(exist_ok=True)
    outcome = Outcome(
        job=job.id, state="failed", started=datetime.now(UTC), code="IK-STEP-001", message="step 1 failed"
    )
    with open_journal(places.journal, places.document) as journal:
        journal.begin([JobRecord(job, "", state=state, outcome=outcome)])


def reasons(listing: FarmListing) -> list[tuple[bool, str]]:
    return [(each.runs, each.reason) for each in listing.jobs]


def test_every_job_of_a_new_farm_runs(farm: Path) -> None:
    listing = list_jobs(farm, jobs=3)

    assert [each.job.id for each in listing.jobs] == ["a-web-paris", "a-web-rome"]
    assert reasons(listing) == [(True, "all are made")] * 2
    assert (listing.at_a_time, listing.journal) == (3, farm.parent / "out" / "farm.journal.sqlite")


def test_to_go_on_only_what_is_not_finished_runs(farm: Path) -> None:
    made(farm, prepare(farm).jobs[0])

    assert reasons(list_jobs(farm, resume=True)) == [(False, "it is finished"), (True, "it has no output")]
    assert reasons(list_jobs(farm, resume=True, force=True)) == [(True, "all are made anew")] * 2


def test_what_goes_in_and_has_changed_is_why_a_job_runs(farm: Path) -> None:
    made(farm, prepare(farm).jobs[0])
    (farm.parent / "a.img").write_bytes(bytes(8192))

    assert reasons(list_jobs(farm, resume=True))[0] == (True, "what goes in has changed")


def test_what_is_too_old_runs(farm: Path) -> None:
    made(farm, prepare(farm).jobs[0], days=8)

    assert reasons(list_jobs(farm, refresh=7 * 86400.0))[0] == (True, "its output is too old")
    assert reasons(list_jobs(farm, refresh=9 * 86400.0))[0] == (False, "it is finished")


@pytest.mark.parametrize(
    ("state", "reason"), [("failed", "it failed: IK-STEP-001  step 1 failed"), ("interrupted", "it was interrupted")]
)
def test_how_a_job_ended_before_is_why_it_runs(farm: Path, state: State, reason: str) -> None:
    ended(farm, prepare(farm).jobs[0], state)

    assert reasons(list_jobs(farm, resume=True))[0] == (True, reason)


def test_a_base_that_cannot_be_read_is_told_and_stops_nothing(farm: Path) -> None:
    (farm.parent / "a.img").write_bytes(b"")

    assert all(reason.startswith("it cannot succeed: IK-IMG-") for _, reason in reasons(list_jobs(farm, resume=True)))


def test_a_share_lists_its_own_jobs_and_its_own_journal(farm: Path) -> None:
    shares = [list_jobs(farm, shard=(number, 2)) for number in (1, 2)]

    assert sorted(each.job.id for share in shares for each in share.jobs) == ["a-web-paris", "a-web-rome"]
    assert [share.journal.name for share in shares] == ["farm.1-of-2.journal.sqlite", "farm.2-of-2.journal.sqlite"]


def test_a_spec_that_is_wrong_is_told_as_a_run_would(farm: Path) -> None:
    (farm.parent / "web.yaml").write_text("transforms: [hostname: web]\n")

    with pytest.raises(FarmInvalid):
        list_jobs(farm)


def test_nothing_is_written(farm: Path) -> None:
    before = sorted(path for path in farm.parent.rglob("*") if "cache" not in path.parts)

    list_jobs(farm, resume=True)

    assert sorted(path for path in farm.parent.rglob("*") if "cache" not in path.parts) == before
