from __future__ import annotations

import pytest

from imagekit import page

HOSTILE = '<script>alert("x")</script>&\'\x1b[31m\u202e\x00\ud800'


def test_what_came_from_outside_is_only_shown() -> None:
    shown = page.text(HOSTILE)

    assert shown.startswith("&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&amp;&#x27;")
    assert shown.endswith("\ufffd[31m\ufffd\ufffd\ufffd")


def test_a_line_break_in_a_name_makes_no_second_line() -> None:
    assert page.text("a\nb") == "a\ufffdb"


def test_lines_and_the_width_of_tabs_are_kept_where_they_mean_something() -> None:
    assert page.lines("a:\n\t<b>\r\n") == "a:\n        &lt;b&gt;"


def test_a_page_can_run_and_load_nothing() -> None:
    whole = page.page("t", "", ["<p>x</p>"])

    assert "content=\"default-src 'none'; style-src 'unsafe-inline'\"" in whole
    assert "url(" not in whole
    assert "@import" not in whole


@pytest.mark.parametrize(
    "part",
    [
        "<!DOCTYPE html>",
        '<html lang="en">',
        '<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        "prefers-color-scheme:dark",
        "<title>a &lt;b&gt;</title>",
        "b{color:red}\n</style>",
        "<main>\n<p>x</p>\n</main>",
    ],
)
def test_a_page_has_its_title_style_and_body_and_fits_a_phone_and_a_dark_room(part: str) -> None:
    assert part in page.page("a <b>", "b{color:red}\n", ["<p>x</p>"])


def test_items_stand_in_a_list() -> None:
    assert page.listed(["a", "<b>b</b>"]) == "<ul><li>a</li><li><b>b</b></li></ul>"
