from __future__ import annotations

import pytest
from benchmarks.ratios import Result, Spread, compare, paired, spread


def test_the_spread_is_the_least_the_middle_and_the_greatest() -> None:
    assert spread([3.0, 1.0, 2.0]) == Spread(1.0, 2.0, 3.0)
    assert spread([1.0, 2.0]) == Spread(1.0, 1.5, 2.0)


def test_of_nothing_there_is_no_spread() -> None:
    with pytest.raises(ValueError, match="nothing was measured"):
        spread([])


def test_a_ratio_is_made_of_the_two_sides_of_one_round() -> None:
    # The second round met a machine of half the speed: that is no news of either side.
    assert paired([1.0, 2.0], [10.0, 20.0]) == (0.1, 0.1)


def test_a_round_that_one_side_missed_is_no_round() -> None:
    with pytest.raises(ValueError):
        paired([1.0], [10.0, 20.0])


def test_each_contender_is_compared_with_the_reference_of_its_own_case() -> None:
    theirs = Result("size", "2 GiB", "peers", (20.0, 40.0), reference=True)
    ours = Result("size", "2 GiB", "imagekit", (1.0, 4.0))
    large = Result("size", "8 GiB", "peers", (80.0, 80.0), reference=True)
    (found,) = compare([theirs, ours, large])

    assert (found.result, found.against) == (ours, theirs)
    assert found.ratio == Spread(0.05, 0.07500000000000001, 0.1)


def test_without_a_reference_there_is_no_comparison() -> None:
    assert compare([Result("launch", "", "as it is", (1.0,))]) == ()
