from __future__ import annotations

import math
from typing import TYPE_CHECKING

from imagekit.farm.report.lanes import Bar, Lane, bars_of, joined, lanes_of
from imagekit.farm.report.model import Details

if TYPE_CHECKING:
    from collections.abc import Callable

    from imagekit.farm.job import Outcome
    from imagekit.farm.report.model import Entry, Look


def bar(begin: float, end: float, host: str = "one", look: Look = "done") -> Bar:
    return Bar(None, look, begin, end, host)


def test_jobs_that_ran_beside_each_other_have_lanes_of_their_own() -> None:
    bars = [bar(0, 10), bar(1, 4), bar(4.1, 9), bar(10, 12)]

    assert lanes_of(bars) == (Lane("one", (bars[0], bars[3])), Lane("one", (bars[1], bars[2])))


def test_clocks_that_differ_a_little_make_no_new_lane() -> None:
    assert len(lanes_of([bar(0, 10), bar(9.98, 20)])) == 1


def test_machines_do_not_share_lanes() -> None:
    lanes = lanes_of([bar(0, 1, "b"), bar(2, 3, "a"), bar(4, 5, "b")])

    assert [(lane.host, len(lane.bars)) for lane in lanes] == [("a", 1), ("b", 2)]


def test_every_attempt_is_a_bar_and_those_before_the_last_keep_how_they_ended(
    entry: Callable[..., Entry], outcome: Callable[..., Outcome]
) -> None:
    first, last = outcome(0, 5, state="failed"), outcome(8, 10, attempt=2)

    bars = bars_of([entry(outcome=last, attempt=2, details=Details(earlier=(first,)))])

    assert [(each.look, each.end - each.begin, each.attempt) for each in bars] == [("failed", 5, 1), ("done", 10, 2)]


def test_what_did_not_run_is_no_bar(entry: Callable[..., Entry], outcome: Callable[..., Outcome]) -> None:
    entries = [entry(outcome=outcome(reused=True)), entry(state="waiting"), entry(outcome=outcome(seconds=math.inf))]

    assert bars_of(entries) == ()


def test_a_job_that_is_to_run_again_keeps_the_bar_of_its_last_attempt(
    entry: Callable[..., Entry], outcome: Callable[..., Outcome]
) -> None:
    (only,) = bars_of([entry(state="waiting", outcome=outcome(state="interrupted"))])

    assert only.look == "interrupted"


def test_short_neighbours_are_drawn_as_one_unless_they_look_different() -> None:
    lane = Lane("one", (bar(0, 1), bar(1, 2), bar(2, 3, look="failed"), bar(3, 4), bar(4, 90), bar(90, 91)))

    found = joined(lane, 5).bars

    assert [(each.begin, each.end, each.look, each.jobs) for each in found] == [
        (0, 2, "done", 2),
        (2, 3, "failed", 1),
        (3, 4, "done", 1),
        (4, 90, "done", 1),
        (90, 91, "done", 1),
    ]


def test_busy_is_the_time_in_which_something_ran() -> None:
    assert Lane("one", (bar(0, 1), bar(5, 7))).busy == 3
