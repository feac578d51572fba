from __future__ import annotations

import pytest

from imagekit.system.hostname import hostname_of, renamed_hosts


@pytest.mark.parametrize(
    ("text", "name"), [("web\n", "web"), ("# set by hand\n\n web.example.org \n", "web.example.org"), ("", "")]
)
def test_comments_and_blank_lines_are_no_name(text: str, name: str) -> None:
    assert hostname_of(text) == name


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("127.0.1.1 old\n", "127.0.1.1\tnew.example.org new\n"),
        ("127.0.1.1\told.site old\n", "127.0.1.1\tnew.example.org new\n"),
        ("127.0.1.1 old printer  # lab\n", "127.0.1.1\tnew.example.org new printer # lab\n"),
        ("127.0.1.1 old", "127.0.1.1\tnew.example.org new"),
        ("127.0.0.1 localhost old\n", "127.0.0.1 localhost old\n"),
        ("10.0.0.1 old\n#127.0.1.1 old\n\n", "10.0.0.1 old\n#127.0.1.1 old\n\n"),
    ],
)
def test_only_the_machines_own_line_follows_the_name(before: str, after: str) -> None:
    assert renamed_hosts(before, "old", "new.example.org") == after


def test_a_short_name_stands_once() -> None:
    assert renamed_hosts("127.0.1.1 old\n", "old", "new") == "127.0.1.1\tnew\n"
