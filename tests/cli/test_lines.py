from __future__ import annotations

import pytest

from imagekit_cli.lines import columns, many, seconds, size


@pytest.mark.parametrize(
    ("count", "told"),
    [(912, "912 B"), (1536, "1.5 KiB"), (3 << 20, "3.0 MiB"), (12 << 30, "12.0 GiB"), (2 << 40, "2.0 TiB")],
)
def test_sizes_have_the_unit_that_people_read(count: int, told: str) -> None:
    assert size(count) == told


@pytest.mark.parametrize(("value", "told"), [(0.44, "0.4 s"), (59.0, "59.0 s"), (72.4, "1 min 12 s")])
def test_durations_past_a_minute_are_told_in_minutes(value: float, told: str) -> None:
    assert seconds(value) == told


def test_one_thing_is_not_told_in_the_plural() -> None:
    assert [many(count, "step") for count in (0, 1, 2)] == ["0 steps", "1 step", "2 steps"]


def test_cells_of_a_column_stand_below_each_other_and_no_line_ends_in_blanks() -> None:
    assert list(columns([("a", "bb", "x"), ("ccc", "d", "")], indent=" ")) == [" a    bb  x", " ccc  d"]


def test_no_rows_are_no_lines() -> None:
    assert list(columns([])) == []
