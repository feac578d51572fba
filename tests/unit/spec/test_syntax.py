from __future__ import annotations

import pytest

from imagekit.spec.yamltext import read_yaml


@pytest.mark.parametrize(
    ("text", "place", "says"),
    [
        ("a:\n\t- b\n", "2:1", "a tab stands where spaces must"),
        ("a: b: c\n", "1:5", 'a ":" where no key can be'),
        ("a: @x\n", "1:4", 'text cannot begin with "@"'),
        ("a: %x\n", "1:4", 'text cannot begin with "%"'),
        ("a: [1, 2\nb: 3\n", "1:4", "the list that begins here is not closed"),
        ("a: {b: 1\n", "1:4", "the mapping that begins here is not closed"),
        ("a: 'x\nb: 3\n", "1:4", "the quoted text that begins here is not closed"),
        ('a: "\\q"\n', "1:6", '"\\q" is no escape in double quotes'),
        ("a:\n  - b\n c: d\n", "3:2", "this line is not indented like those it belongs to"),
        ("- a\nb: 1\n", "2:1", "this line is not indented like those it belongs to"),
        ("a: 'x' y\n", "1:8", "text after the end of a value"),
        ("a: }\n", "1:4", 'a value is missing before "}"'),
    ],
)
def test_a_parse_error_is_told_in_plain_words_at_its_place(text: str, place: str, says: str) -> None:
    _, problems = read_yaml(text, "spec.yaml")

    assert [(str(problem.place), problem.message) for problem in problems] == [(f"spec.yaml:{place}", says)]


def test_what_has_no_words_of_ours_still_has_a_place_and_a_code() -> None:
    _, problems = read_yaml("a: !<x y\n", "spec.yaml")

    assert problems[0].code == "IK-SPEC-004"
    assert problems[0].message.startswith("this is not YAML: ")
    assert str(problems[0].place) == "spec.yaml:1:7"


def test_an_error_at_the_end_of_the_text_shows_its_last_line() -> None:
    _, problems = read_yaml("a:\n  b: {c: 1", "spec.yaml")

    assert problems[0].place is not None
    assert problems[0].place.text == "  b: {c: 1"
