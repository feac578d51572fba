from __future__ import annotations

from benchmarks.residue import Residue, marks, table

from imagekit.testing.planted import read_planting


def test_every_item_that_a_debian_may_have_is_known_by_a_text_in_its_files() -> None:
    planting = read_planting()

    found = marks(planting, planting.ids("debian"))

    assert len(found) > 60
    assert [item for item, each in found.items() if not each] == []
    assert len({mark for each in found.values() for mark in each}) == sum(map(len, found.values()))


def test_a_row_counts_what_is_left_and_apart_from_it_what_should_not_be() -> None:
    left = Residue("a tool", frozenset({"a"}), frozenset({"a", "b", "c"}))

    row = table(("a", "b", "c", "d"), frozenset({"a", "b"}), [left]).splitlines()[-1]

    assert row == "| a tool | 1 | 3 | 1 | 2 |"
