from __future__ import annotations

import re

import pytest
from hypothesis import given, strategies as st

from imagekit.guest import edit

TEXT = st.text(alphabet=st.sampled_from("abK=V \t#\n\"'\\[]127.0.1;:"), max_size=80)
LINE = st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\n"), max_size=20)
KEY = st.sampled_from(["K", "KEY", "a.b", "GRUB_CMDLINE_LINUX"])


@pytest.mark.parametrize(("text", "after"), [("", ""), ("a", "a\n"), ("a\n", "a\n"), ("a\n\n", "a\n\n")])
def test_a_final_newline_is_added_where_it_is_missing(text: str, after: str) -> None:
    assert edit.with_final_newline(text) == after


@pytest.mark.parametrize(
    ("text", "after"),
    [("", "x\n"), ("a\n", "a\nx\n"), ("a", "a\nx\n"), ("x", "x"), ("a\nx\nb\n", "a\nx\nb\n"), (" x\n", " x\nx\n")],
)
def test_a_line_is_added_once(text: str, after: str) -> None:
    assert edit.ensure_line(text, "x") == after


@given(TEXT, LINE)
def test_an_ensured_line_is_there_and_stays(text: str, line: str) -> None:
    once = edit.ensure_line(text, line)

    assert line in once.split("\n")
    assert once.startswith(text)
    assert edit.ensure_line(once, line) == once


def test_a_line_is_one_line() -> None:
    with pytest.raises(ValueError, match="newline"):
        edit.ensure_line("", "a\nb")
    with pytest.raises(ValueError, match="newline"):
        edit.set_value("", "K", "a\nb")
    with pytest.raises(ValueError, match="newline"):
        edit.set_ini_value("", "s", "k", "a\nb")


def test_matching_lines_are_removed_and_no_other() -> None:
    assert edit.remove_lines("a=1\n# a\nb\n", r"^a") == "# a\nb\n"
    assert edit.remove_lines("a\nb", r"b") == "a\n"
    assert edit.remove_lines("a\nb", r"c") == "a\nb"


@given(TEXT, st.sampled_from(["a", "^K=", r"\s", "$"]))
def test_no_matching_line_survives(text: str, pattern: str) -> None:
    after = edit.remove_lines(text, pattern)

    assert not any(re.search(pattern, line) for line in after.split("\n")[:-1])
    assert edit.remove_lines(after, pattern) == after


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("", "K=new\n"),
        ("K=old\n", "K=new\n"),
        ("K=\n", "K=new\n"),
        ('K="old"\n', 'K="new"\n'),
        ("K='old'\n", "K='new'\n"),
        ("export K=old\n", "export K=new\n"),
        ("K=old  # why\n", "K=new  # why\n"),
        ("K=first\nK=last\n", "K=first\nK=new\n"),
        ("#K=old\n", "#K=old\nK=new\n"),
        ("XK=old\nKX=old", "XK=old\nKX=old\nK=new\n"),
        ("K=new", "K=new"),
        ('K="new"', 'K="new"'),
    ],
)
def test_an_assignment_keeps_its_quotes_and_its_comment(text: str, after: str) -> None:
    assert edit.set_value(text, "K", "new") == after


@pytest.mark.parametrize(
    ("text", "value", "after"),
    [
        ("K=old\n", "two words", 'K="two words"\n'),
        ("K='old'\n", "it's", 'K="it\'s"\n'),
        ('K="old"\n', '$HOME "`\\', 'K="\\$HOME \\"\\`\\\\"\n'),
        ("", "", "K=\n"),
    ],
)
def test_a_value_is_quoted_where_it_must_be(text: str, value: str, after: str) -> None:
    assert edit.set_value(text, "K", value) == after


@given(TEXT, KEY, LINE)
def test_a_value_that_was_set_is_read_back_and_stays(text: str, key: str, value: str) -> None:
    once = edit.set_value(text, key, value)

    assert edit.value_of(once, key) == value
    assert edit.set_value(once, key, value) == once


@given(TEXT, KEY, LINE)
def test_setting_a_value_touches_one_line(text: str, key: str, value: str) -> None:
    before = edit.with_final_newline(text).split("\n")[:-1]
    after = edit.set_value(text, key, value).split("\n")
    changed = [line for line, new in zip(before, after, strict=False) if line != new]

    assert len(changed) <= 1


def test_a_removed_value_is_unset() -> None:
    assert edit.remove_value("K=1\n#K=2\nexport K='3'\nX=K=1\n", "K") == "#K=2\nX=K=1\n"
    assert edit.value_of("#K=1\n", "K") is None


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("", "[s]\nk=new\n"),
        ("[s]\nk = old\n", "[s]\nk = new\n"),
        ("[s]\nk=1\nk=2\n[t]\nk=3\n", "[s]\nk=1\nk=new\n[t]\nk=3\n"),
        ("[s]\n#k=old\nx=1\n\n[t]\ny=1\n", "[s]\n#k=old\nx=1\nk=new\n\n[t]\ny=1\n"),
        ("k=global\n[t]\nk=3", "k=global\n[t]\nk=3\n\n[s]\nk=new\n"),
        (" [ s ] ; comment\n", " [ s ] ; comment\nk=new\n"),
        ("[s]\nk=new", "[s]\nk=new"),
    ],
)
def test_an_ini_value_is_set_in_its_own_section(text: str, after: str) -> None:
    assert edit.set_ini_value(text, "s", "k", "new") == after


@given(TEXT, st.sampled_from(["a", "K"]), st.from_regex(r"([a-z]([a-z ]{0,5}[a-z])?)?", fullmatch=True))
def test_an_ini_value_that_was_set_stays(text: str, key: str, value: str) -> None:
    once = edit.set_ini_value(text, "b", key, value)

    assert edit.set_ini_value(once, "b", key, value) == once
    assert re.search(rf"(?m)^\s*{key}\s*=\s*{re.escape(value)}\s*$", once)
