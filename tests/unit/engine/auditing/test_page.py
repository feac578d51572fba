from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING

from imagekit.engine.auditing.page import page_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from imagekit.engine.auditing.report import AuditReport

_VOID = frozenset({"meta", "br", "hr", "img", "link", "input"})


class _Tags(HTMLParser):
    """Holds the tags of a page to be closed as they were opened."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        self.attributes.update(name for name, _ in attrs)
        self.open += [] if tag in _VOID else [tag]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def parsed(text: str) -> _Tags:
    tags = _Tags()
    tags.feed(text)
    tags.close()
    return tags


def test_the_page_is_well_formed(full: AuditReport) -> None:
    assert parsed(page_text(full)).open == []


def test_it_needs_no_script_and_nothing_from_elsewhere(full: AuditReport) -> None:
    text = page_text(full)
    tags = parsed(text)

    assert tags.seen.isdisjoint({"script", "link", "img", "iframe", "object"})
    assert tags.attributes.isdisjoint({"src", "href", "onclick", "style"})
    assert "url(" not in text
    assert "default-src 'none'" in text


def test_it_fits_a_phone_and_a_dark_room(full: AuditReport) -> None:
    text = page_text(full)

    assert '<meta name="viewport" content="width=device-width, initial-scale=1">' in text
    assert "prefers-color-scheme:dark" in text


def test_what_a_guest_names_is_only_shown(full: AuditReport) -> None:
    text = page_text(full)

    assert "<script" not in text
    assert "&lt;script&gt;" in text
    assert not re.search("[\x00\x1b\u202e]", text)


def test_everything_is_told(full: AuditReport) -> None:
    text = page_text(full)

    for told in ("1 error", "2 more", "the lab&#x27;s own", "has expired", "no libxcrypt", "- machine-id"):
        assert told in text
    assert "no system" in text


def test_a_clean_image_is_told_so(report: Callable[..., AuditReport]) -> None:
    text = page_text(report())

    assert "this image is fit to be cloned" in text
    assert 'class="verdict"' in text
    assert "What mends it" not in text
