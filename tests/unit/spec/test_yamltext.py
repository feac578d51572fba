from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, strategies as st

from imagekit.spec.yamltext import core_value, read_yaml

if TYPE_CHECKING:
    from imagekit.diagnostics import Diagnostic


def only_problem(text: str) -> Diagnostic:
    _, problems = read_yaml(text, "spec.yaml")
    assert len(problems) == 1
    return problems[0]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("on", "on"),
        ("yes", "yes"),
        ("12:30:45", "12:30:45"),
        ("2026-01-02", "2026-01-02"),
        ("0644", 644),
        ("0o644", 0o644),
        ("0x1F", 31),
        ("1_000", "1_000"),
        ("-3", -3),
        ("1.5e3", 1500.0),
        (".5", 0.5),
        ("-.inf", -math.inf),
        ("true", True),
        ("FALSE", False),
        ("tRue", "tRue"),
        ("~", None),
        ("", None),
        ("None", "None"),
        ("web-1", "web-1"),
    ],
)
def test_plain_words_mean_what_the_core_schema_says(text: str, value: object) -> None:
    found = core_value(text)

    assert found == value
    assert type(found) is type(value)


def test_thousands_of_digits_stay_text() -> None:
    assert core_value("9" * 5000) == "9" * 5000


def test_quoted_words_are_text_whatever_they_look_like() -> None:
    node, _ = read_yaml("['no', \"1\", !!str 2, 'null']", "spec.yaml")

    assert node is not None
    assert node.plain() == ["no", "1", "2", "null"]


def test_keys_are_text_as_they_are_written() -> None:
    node, _ = read_yaml("1: a\nno: b\n'3': c\nnull: d\n", "spec.yaml")

    assert node is not None
    assert node.plain() == {"1": "a", "no": "b", "3": "c", "null": "d"}


def test_every_key_and_value_has_its_place() -> None:
    node, _ = read_yaml("a: 1\nb:\n  - {c: word}  # note\n", "spec.yaml")

    assert node is not None
    member = node.members["b"]
    item = member.node.items[0]
    assert str(member.place) == "spec.yaml:2:1"
    assert (item.place.line, item.place.column, item.place.length) == (3, 5, len("{c: word}"))
    assert (item.members["c"].place.column, item.members["c"].node.place.column) == (6, 9)
    assert item.members["c"].node.place.text == "  - {c: word}  # note"


def test_a_place_ends_with_its_first_line() -> None:
    node, _ = read_yaml("a: |\n  one\n  two\nb:\n  c: 1  # note\n", "spec.yaml")

    assert node is not None
    assert node.members["a"].node.place.length == 1
    assert node.members["b"].node.place.length == len("c: 1")


def test_a_value_that_is_not_there_is_placed_at_its_key() -> None:
    node, _ = read_yaml("a:\nb: 1\n", "spec.yaml")

    assert node is not None
    assert str(node.members["a"].node.place) == "spec.yaml:1:1"


def test_aliases_stand_for_the_whole_value() -> None:
    node, _ = read_yaml("a: &x {b: [1]}\nc: *x\n", "spec.yaml")

    assert node is not None
    assert node.plain() == {"a": {"b": [1]}, "c": {"b": [1]}}


def test_repeated_keys_are_all_told_and_the_first_one_stays() -> None:
    node, problems = read_yaml("a: 1\nb: {c: 1, c: 2}\na: 3\na: 4\n", "spec.yaml")

    assert node is not None
    assert node.plain() == {"a": 1, "b": {"c": 1}}
    assert [(problem.code, problem.place and problem.place.line) for problem in problems] == [
        ("IK-SPEC-005", 2),
        ("IK-SPEC-005", 3),
        ("IK-SPEC-005", 4),
    ]
    assert problems[1].why == "the first is in line 1"


def test_nesting_is_limited_and_costs_no_recursion() -> None:
    problem = only_problem("[" * 5000)

    assert problem.code == "IK-SPEC-003"
    assert "64 levels" in problem.message


def test_sixty_four_levels_are_fine() -> None:
    _, problems = read_yaml("[" * 64 + "]" * 64, "spec.yaml")

    assert not problems


def test_aliases_cannot_grow_without_end() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 6)]
    problem = only_problem("\n".join(lines))

    assert problem.code == "IK-SPEC-003"
    assert "aliases expanded" in problem.message


def test_a_large_text_is_not_parsed() -> None:
    problem = only_problem("a: " + "x" * (1 << 20))

    assert problem.code == "IK-SPEC-003"


def test_a_control_character_is_shown_where_it_is() -> None:
    problem = only_problem("a: 1\nb: x\x00y\n")

    assert problem.code == "IK-SPEC-004"
    assert str(problem.place) == "spec.yaml:2:5"


@given(st.text(alphabet="ab:-[]{}&*!|>'\"%@#? \n\t0\\", max_size=60))
def test_any_text_gives_a_document_or_a_placed_diagnostic(text: str) -> None:
    node, problems = read_yaml(text, "spec.yaml")

    assert all(problem.place is not None and problem.render() for problem in problems)
    if node is not None:
        node.plain()


def test_a_document_that_is_no_spec_is_called_what_it_is() -> None:
    _, problems = read_yaml("a: !env b", "FARM.yaml", "farm")

    assert [problem.message for problem in problems] == ["tag !env means nothing in a farm"]
