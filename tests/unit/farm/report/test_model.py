from __future__ import annotations

from typing import TYPE_CHECKING

from imagekit.farm.report.model import Details, Entry, FarmPage

if TYPE_CHECKING:
    from collections.abc import Callable

    from imagekit.farm.job import Outcome


def test_a_job_that_was_done_before_does_not_look_like_one_that_was_done_now(
    entry: Callable[..., Entry], outcome: Callable[..., Outcome]
) -> None:
    assert entry(outcome=outcome()).look == "done"
    assert entry(outcome=outcome(reused=True)).look == "reused"


def test_a_job_that_waits_again_does_not_look_like_its_old_outcome(
    entry: Callable[..., Entry], outcome: Callable[..., Outcome]
) -> None:
    assert entry(state="waiting", outcome=outcome(reused=True)).look == "waiting"


def test_the_attempts_are_told_in_their_order(entry: Callable[..., Entry], outcome: Callable[..., Outcome]) -> None:
    first, last = outcome(0, attempt=1, state="failed"), outcome(20, attempt=2)

    assert entry(outcome=last, details=Details(earlier=(first,))).attempts == (first, last)
    assert entry(outcome=last).attempts == (last,)
    assert entry(details=Details(earlier=(first,))).attempts == (first,)


def test_machines_are_told_once_and_by_name(
    farm: Callable[..., FarmPage], entry: Callable[..., Entry], outcome: Callable[..., Outcome]
) -> None:
    page = farm(*(entry(outcome=outcome(host=host)) for host in ("two", "one", "two", "")))

    assert page.hosts == ("one", "two")


def test_jobs_are_found_by_their_looks(full: FarmPage) -> None:
    assert [each.number for each in full.having("done", "reused")] == [1, 2]
