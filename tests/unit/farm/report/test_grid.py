from __future__ import annotations

from typing import TYPE_CHECKING

from imagekit.farm.report.grid import grid_lines

if TYPE_CHECKING:
    from collections.abc import Callable

    from imagekit.farm.job import Outcome
    from imagekit.farm.report.model import Entry, FarmPage


def test_a_cell_says_its_state_in_words_and_leads_to_its_job(
    farm: Callable[..., FarmPage], entry: Callable[..., Entry], outcome: Callable[..., Outcome]
) -> None:
    text = "\n".join(grid_lines(farm(entry(7, state="failed", outcome=outcome(seconds=72, state="failed")))))

    assert '<td class="failed"><a href="#j7">✗ failed<small>1 min 12 s</small></a></td>' in text


def test_headings_are_headings(farm: Callable[..., FarmPage], entry: Callable[..., Entry]) -> None:
    page = farm(*(entry(number, values={"site": site}) for number, site in enumerate(("paris", "rome"), 1)))

    text = "\n".join(grid_lines(page))

    assert '<th scope="colgroup" colspan="2"><span>web</span></th>' in text
    assert '<th scope="col" colspan="1"><span>rome</span></th>' in text
    assert '<tr><th scope="row"><span>debian</span></th>' in text
    assert "Images by spec and site." in text


def test_what_is_excluded_is_no_job(farm: Callable[..., FarmPage], entry: Callable[..., Entry]) -> None:
    page = farm(entry(1, "debian", "web"), entry(2, "rocky", "db"))

    assert "\n".join(grid_lines(page)).count("not in this farm") == 2


def test_a_wide_grid_has_signs_alone_and_words_for_who_cannot_see_them(
    farm: Callable[..., FarmPage], entry: Callable[..., Entry]
) -> None:
    page = farm(*(entry(number, values={"n": number}) for number in range(1, 31)))

    text = "\n".join(grid_lines(page))

    assert '<a href="#j30" title="debian-web-30">✓<span class="unseen"> done</span></a>' in text


def test_only_signs_that_occur_are_explained(farm: Callable[..., FarmPage], entry: Callable[..., Entry]) -> None:
    legend = list(grid_lines(farm(entry(1), entry(2, state="failed", spec="db"))))[-1]

    assert legend == (
        '<p class="legend soft"><span class="tile failed">✗ failed</span> <span class="tile done">✓ done</span></p>'
    )
