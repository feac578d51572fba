from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest

from imagekit.farm.report.html import headline, render_report

if TYPE_CHECKING:
    from collections.abc import Callable

    from imagekit.farm.job import Outcome
    from imagekit.farm.report.model import Entry, FarmPage

_VOID = frozenset({"meta", "br"})


class Tags(HTMLParser):
    """Holds the tags of a page to be closed as they were opened, and collects what leads where."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.names: set[str] = set()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        self.names.update(name for name, _ in attrs)
        self.ids += [value or "" for name, value in attrs if name == "id"]
        self.links += [value or "" for name, value in attrs if name == "href"]
        self.open += [] if tag in _VOID else [tag]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_is_well_formed_whatever_a_guest_says(full: FarmPage) -> None:
    assert Tags(render_report(full)).open == []


def test_it_needs_no_script_and_nothing_from_elsewhere(full: FarmPage) -> None:
    tags = Tags(render_report(full))

    assert tags.seen.isdisjoint({"script", "link", "img", "iframe", "object", "form"})
    assert not [name for name in tags.names if name.startswith("on") or name == "src"]
    assert not [link for link in tags.links if re.match(r"\w+:|//", link)]


def test_what_guests_logs_and_specs_say_is_only_shown(full: FarmPage) -> None:
    text = render_report(full)

    assert "<script" not in text
    assert "&lt;script&gt;alert(&quot;x&quot;)" in text
    assert not re.search("[\x00\x1b\u202e\ud800-\udfff]", text)
    assert text.encode()


def test_every_link_within_the_page_leads_to_a_job_of_its_own(full: FarmPage) -> None:
    tags = Tags(render_report(full))
    targets = [link.removeprefix("#") for link in tags.links if link.startswith("#")]

    assert len(tags.ids) == len(set(tags.ids))
    assert set(targets) == {f"j{number}" for number in range(1, 8)} <= set(tags.ids)


def test_the_head_tells_what_when_where_and_with_what(
    farm: Callable[..., FarmPage], entry: Callable[..., Entry]
) -> None:
    text = render_report(farm(entry()))

    assert "<h1>Farm web servers</h1>" in text
    assert "<code>farm.yaml</code> · 2026-03-01 10:02:06 UTC · took 1 min 12 s · imagekit 0.1.0" in text
    assert "<title>imagekit batch: web servers: the job is done</title>" in text


@pytest.mark.parametrize(
    ("states", "told"),
    [
        ([], "there are no jobs"),
        (["done"], "the job is done"),
        (["done", "done"], "all 2 jobs are done"),
        (["failed"], "0 of 1 job done, 1 failed"),
        (["done", "failed", "waiting", "skipped"], "1 of 4 jobs done, 1 failed and 2 did not come to an end"),
        (["done", "interrupted"], "1 of 2 jobs done, 1 did not come to an end"),
    ],
)
def test_the_verdict_is_one_sentence(
    farm: Callable[..., FarmPage], entry: Callable[..., Entry], states: list[str], told: str
) -> None:
    page = farm(*(entry(number, state=state) for number, state in enumerate(states, 1)))

    assert headline(page) == told
    assert told in render_report(page)


def test_each_state_is_counted(full: FarmPage) -> None:
    text = render_report(full)

    for told in (
        "✗ 1 failed",
        "! 1 interrupted",
        "▸ 1 running",
        "· 1 waiting",
        "» 1 skipped",
        "✓ 1 done",
        "= 1 done before",
    ):
        assert f">{told}</li>" in text


def test_jobs_that_failed_alike_are_one_cause_and_one_of_them_stands_open(
    farm: Callable[..., FarmPage], entry: Callable[..., Entry], outcome: Callable[..., Outcome]
) -> None:
    alike = outcome(state="failed", code="IK-HOST-002", message="no mirror")
    other = outcome(state="failed", code="IK-IMG-010", message="no image")
    entries = [entry(number, str(number), state="failed", outcome=alike) for number in range(2, 14)]

    text = render_report(farm(entry(1, "other", state="failed", outcome=other), *entries))

    rows = re.findall(r"<tr><td><code>(.*?)</code></td><td>(.*?)</td>", text)
    assert rows == [("IK-HOST-002", "no mirror"), ("IK-IMG-010", "no image")]
    assert "and 4 more" in text
    assert re.findall(r'id="(j\d+)" open', text) == ["j1", "j2"]


def test_what_failed_stands_first(farm: Callable[..., FarmPage], entry: Callable[..., Entry]) -> None:
    text = render_report(farm(entry(1), entry(2, state="waiting"), entry(3, state="failed")))

    assert re.findall(r'class="job" id="(j\d)"', text) == ["j3", "j1", "j2"]


def test_ten_thousand_jobs_are_a_page_that_still_opens(
    farm: Callable[..., FarmPage], entry: Callable[..., Entry], outcome: Callable[..., Outcome]
) -> None:
    went_well = {"sha256": "ab" * 32, "size": 3 << 20}
    entries = [
        entry(
            number,
            f"image-{number % 1000}",
            f"spec-{number // 1000}",
            outcome=outcome(number, 8, **went_well),
            link="x",
        )
        for number in range(10_000)
    ]

    text = render_report(farm(*entries))

    assert text.count('class="job"') == 10_000
    assert len(text) < 10_000_000
