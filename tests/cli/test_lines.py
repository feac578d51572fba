from __future__ import annotations

from imagekit_cli.lines import columns


def test_cells_of_a_column_stand_below_each_other_and_no_line_ends_in_blanks() -> None:
    assert list(columns([("a", "bb", "x"), ("ccc", "d", "")], indent=" ")) == [" a    bb  x", " ccc  d"]


def test_no_rows_are_no_lines() -> None:
    assert list(columns([])) == []
