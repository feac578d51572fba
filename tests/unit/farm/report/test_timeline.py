from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise

import pytest

from imagekit.farm.report.timeline import timeline_of

TEN = datetime(2026, 3, 1, 10, 0, 0, tzinfo=UTC).timestamp()


def test_places_grow_evenly_with_time() -> None:
    timeline = timeline_of([(TEN, TEN + 60), (TEN + 50, TEN + 100)])

    assert [timeline.at(TEN + moment) for moment in (0, 25, 100)] == pytest.approx([0, 0.25, 1])
    assert timeline.seconds == pytest.approx(100)
    assert timeline.cuts == ()


def test_a_night_in_which_nothing_ran_takes_next_to_no_room() -> None:
    timeline = timeline_of([(TEN, TEN + 100), (TEN + 30000, TEN + 30100)])

    assert [timeline.at(TEN + moment) for moment in (100, 30000, 30100)] == pytest.approx([0.49, 0.51, 1])
    assert timeline.cuts == ((pytest.approx(0.5), pytest.approx(29900)),)
    assert timeline.seconds == pytest.approx(200)


def test_a_short_rest_is_left_in() -> None:
    assert timeline_of([(TEN, TEN + 100), (TEN + 150, TEN + 200)]).cuts == ()


def test_many_cuts_leave_room_for_what_ran() -> None:
    timeline = timeline_of([(TEN + hour * 3600, TEN + hour * 3600 + 10) for hour in range(100)])

    shown = sum(each.right - each.left for each in timeline.stretches)
    assert len(timeline.cuts) == 99
    assert shown == pytest.approx(0.8)


def test_times_of_day_are_round_and_do_not_touch() -> None:
    ticks = timeline_of([(TEN + 3, TEN + 303)]).ticks()

    assert [tick.label for tick in ticks] == ["10:01", "10:02", "10:03", "10:04", "10:05"]
    assert all(after.left - before.left > 0.15 for before, after in pairwise(ticks))


def test_short_farms_have_seconds_and_long_ones_have_days() -> None:
    assert timeline_of([(TEN, TEN + 40)]).ticks()[1].label == "10:00:10"
    assert timeline_of([(TEN, TEN + 86400)]).ticks()[0].label == "01 Mar 12:00"


def test_an_instant_is_a_timeline_too() -> None:
    assert timeline_of([(TEN, TEN)]).at(TEN) == 0


def test_nothing_is_an_empty_timeline() -> None:
    assert timeline_of([]).stretches == ()
