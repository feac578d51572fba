from __future__ import annotations

import re
from typing import TYPE_CHECKING

from imagekit.farm.report.bars import bar_lines
from imagekit.farm.report.model import Details

if TYPE_CHECKING:
    from collections.abc import Callable

    from imagekit.farm.job import Outcome
    from imagekit.farm.report.model import Entry, FarmPage


def test_bars_stand_where_their_time_was_and_lead_to_their_jobs(
    farm: Callable[..., FarmPage], entry: Callable[..., Entry], outcome: Callable[..., Outcome]
) -> None:
    page = farm(entry(1, outcome=outcome(0, 100)), entry(2, state="failed", outcome=outcome(50, 50, state="failed")))

    text = "\n".join(bar_lines(page))

    assert 'class="bar done" style="left:0.00%;width:100.00%" href="#j1"' in text
    assert 'class="bar failed" style="left:50.00%;width:50.00%" href="#j2"' in text
    assert text.count('<div class="lane"><span>') == 2
    assert "2 jobs at a time at the most; 2 min 30 s of work in 1 min 40 s by the clock, 75 %" in text


def test_an_attempt_that_was_not_the_last_says_so(
    farm: Callable[..., FarmPage], entry: Callable[..., Entry], outcome: Callable[..., Outcome]
) -> None:
    first, last = outcome(0, 5, state="failed"), outcome(5, 10, attempt=2)

    text = "\n".join(bar_lines(farm(entry(outcome=last, attempt=2, details=Details(earlier=(first,))))))

    assert 'title="debian-web: failed, attempt 1, 5.0 s"' in text
    assert 'title="debian-web: done, attempt 2, 10.0 s"' in text


def test_machines_are_named_where_there_are_several(
    farm: Callable[..., FarmPage], entry: Callable[..., Entry], outcome: Callable[..., Outcome]
) -> None:
    alone = "\n".join(bar_lines(farm(entry(outcome=outcome()))))
    several = "\n".join(bar_lines(farm(*(entry(outcome=outcome(host=host)) for host in ("b", "a", "b")))))

    assert 'class="host' not in alone
    assert re.findall(r'class="host soft">(\w)<|<span>(\d)</span>', several) == [
        ("a", ""), ("", "1"), ("b", ""), ("", "1"), ("", "2"),
    ]  # fmt: skip


def test_thousands_of_short_jobs_are_few_bars(
    farm: Callable[..., FarmPage], entry: Callable[..., Entry], outcome: Callable[..., Outcome]
) -> None:
    page = farm(*(entry(number, outcome=outcome(number * 2, 2)) for number in range(3000)))

    text = "\n".join(bar_lines(page))

    assert text.count('class="bar') == 1
    assert 'title="3000 jobs done"' in text


def test_what_was_cut_out_is_told(
    farm: Callable[..., FarmPage], entry: Callable[..., Entry], outcome: Callable[..., Outcome]
) -> None:
    text = "\n".join(bar_lines(farm(entry(1, outcome=outcome(0, 100)), entry(2, outcome=outcome(7300, 100)))))

    assert "Left out: 2 h 0 min in which nothing ran." in text
    assert '<i class="cut" style="left:50.00%">⋯</i>' in text


def test_a_farm_that_ran_nothing_has_no_bars(farm: Callable[..., FarmPage], entry: Callable[..., Entry]) -> None:
    assert "".join(bar_lines(farm(entry(state="waiting")))) == '<p class="soft">No job has run.</p>'
