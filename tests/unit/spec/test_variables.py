from __future__ import annotations

from typing import TYPE_CHECKING

from imagekit.spec.variables import Variables, read_variables
from imagekit.spec.yamltext import read_yaml

if TYPE_CHECKING:
    from imagekit.spec.nodes import Node


def node(text: str) -> Node:
    found, problems = read_yaml(text, "spec.yaml")
    assert found is not None
    assert not problems
    return found


def read(text: str, outer: dict[str, Node] | None = None, **chosen: str) -> Variables:
    return read_variables(node(text), outer or {}, chosen)


def plain(variables: Variables) -> dict[str, object]:
    return {name: each.plain() for name, each in variables.values.items()}


def test_what_is_chosen_wins_over_the_including_file_and_that_over_the_file() -> None:
    outer = {"b": node("outer"), "c": node("outer")}

    assert plain(read("vars: {a: own, b: own, c: own}", outer, c="chosen")) == {"a": "own", "b": "outer", "c": "chosen"}


def test_variables_may_use_each_other_in_any_order() -> None:
    read_ = read("vars: {url: 'http://${{ host }}/', host: 'web.${{ domain }}', domain: example.org}")

    assert plain(read_)["url"] == "http://web.example.org/"
    assert not read_.problems


def test_a_variable_made_of_itself_is_told_with_the_way_round() -> None:
    problems = read("vars: {x: 1, a: '${{ b }}', b: '${{ a }}'}").problems

    assert [(problem.code, problem.field, problem.why) for problem in problems] == [
        ("IK-SPEC-034", "vars.a", "a uses b uses a")
    ]


def test_a_variable_that_uses_an_unknown_one_is_told_once() -> None:
    problems = read("vars: {a: '${{ nowhere }}'}").problems

    assert [(problem.code, problem.field) for problem in problems] == [("IK-SPEC-030", "vars.a")]


def test_a_chosen_value_takes_the_sort_of_its_default() -> None:
    found = plain(read("vars: {n: 1, f: 1.5, b: false, t: '1'}", n="8080", f="2", b="true", t="8080"))

    assert found == {"n": 8080, "f": 2, "b": True, "t": "8080"}


def test_a_chosen_value_of_another_sort_than_its_default_is_told() -> None:
    problems = read("vars: {n: 1}", n="many").problems

    assert [(problem.code, problem.message) for problem in problems] == [
        ("IK-SPEC-033", "--set n=many: must be a whole number, as its default in the spec is")
    ]


def test_a_name_that_no_template_could_hold_is_told() -> None:
    assert [problem.field for problem in read("vars: {2nd: x, ok_1: y}").problems] == ["vars.2nd"]


def test_vars_must_be_a_mapping_or_empty() -> None:
    assert [problem.code for problem in read("vars: [a]").problems] == ["IK-SPEC-014"]
    assert not read("vars:\n").problems


def test_the_names_of_the_file_are_told_from_those_it_was_given() -> None:
    assert read("vars: {a: 1}", {"b": node("2")}, c="3").own == {"a"}
