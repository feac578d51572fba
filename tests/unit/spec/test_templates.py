from __future__ import annotations

import pytest

from imagekit.guest.facts import Facts
from imagekit.spec.nodes import Node, Template
from imagekit.spec.templates import fill, fill_facts, names_used, unready
from imagekit.spec.yamltext import read_yaml

FACTS = Facts(distro="debian", version="12", selinux=True, kernels=("6.1", "6.12"))


def document(text: str) -> Node:
    node, problems = read_yaml(text, "spec.yaml")
    assert node is not None
    assert not problems
    return node


def variables(text: str) -> dict[str, Node]:
    return {key: member.node for key, member in document(text).members.items()}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("'${{ n }}'", 3),
        ("'${{n}}'", 3),
        ("'n is ${{ n }}'", "n is 3"),
        ("'${{ yes }}!'", "true!"),
        ("'${{ hosts }}'", ["a", "b"]),
        ("'<${{ nothing }}>'", "<>"),
        ("'$HOME $${n} {{ n }} ${n}'", "$HOME $${n} {{ n }} ${n}"),
        ("\"${{ '${{' }} n }}\"", "${{ n }}"),
        ("['${{ n }}', {k: '${{ site }}'}]", [3, {"k": "paris"}]),
    ],
)
def test_a_variable_is_filled_in_and_alone_keeps_its_type(text: str, value: object) -> None:
    filled = fill(document(text), variables("n: 3\nyes: true\nhosts: [a, b]\nsite: paris\nnothing: null\n"))

    assert filled.node.plain() == value
    assert not filled.problems


def test_what_a_variable_holds_is_not_filled_again() -> None:
    filled = fill(document("'${{ a }}'"), variables("a: '${{ b }}'\nb: x\n"))

    assert filled.node.plain() == "${{ b }}"


def test_a_variable_is_placed_where_it_is_used() -> None:
    filled = fill(document("a: '${{ hosts }}'"), variables("hosts: [a, b]"))

    assert filled.node.members["a"].node.items[1].place.text == "a: '${{ hosts }}'"


@pytest.mark.parametrize(
    ("text", "code", "fix"),
    [
        ("${{ stie }}", "IK-SPEC-030", "did you mean ${{ site }}?"),
        ("${{ facts.distor }}", "IK-SPEC-030", "did you mean ${{ facts.distro }}?"),
        ("${{ secrets.key }}", "IK-SPEC-031", "in a field that takes a secret, write {secret: key}"),
        ("x ${{ hosts }}", "IK-SPEC-032", "let the ${{ }} be the whole string"),
        ("${{ a b }}", "IK-SPEC-031", "for the text itself write ${{ '${{' }}, or put the text in a file"),
        ("${{ site", "IK-SPEC-031", "for the text itself write ${{ '${{' }}, or put the text in a file"),
        ("${{ }}", "IK-SPEC-031", "for the text itself write ${{ '${{' }}, or put the text in a file"),
    ],
)
def test_what_cannot_be_filled_in_is_told_with_a_way_out(text: str, code: str, fix: str) -> None:
    filled = fill(document(f'a: "{text}"'), variables("site: paris\nhosts: [a]"))

    assert [(problem.code, problem.field, problem.fix) for problem in filled.problems] == [(code, "a", fix)]
    assert filled.node.pending()


def test_every_wrong_string_is_told() -> None:
    filled = fill(document("[x: '${{ a }}', '${{ b }}']"), {})

    assert [problem.field for problem in filled.problems] == ["[0].x", "[1]"]


def test_facts_wait_for_the_guest_and_then_are_filled_in() -> None:
    waiting = fill(document("'${{ site }}-${{ facts.distro }}${{ facts.version }}'"), variables("site: paris")).node

    assert isinstance(waiting.value, Template)
    assert fill_facts(waiting, FACTS).node.plain() == "paris-debian12"


def test_a_fact_alone_keeps_its_type() -> None:
    waiting = fill(document("['${{ facts.selinux }}', '${{ facts.kernels }}']"), {}).node

    assert fill_facts(waiting, FACTS).node.plain() == [True, ["6.1", "6.12"]]


def test_a_list_of_facts_inside_text_is_told_once_the_guest_is_known() -> None:
    waiting = fill(document("{a: 'x ${{ facts.kernels }}'}"), {}).node
    filled = fill_facts(waiting, FACTS)

    assert [(problem.code, problem.field) for problem in filled.problems] == [("IK-SPEC-032", "a")]


def test_a_variable_may_hold_facts() -> None:
    own = {"name": fill(document("'${{ facts.distro }}'"), {}).node}
    filled = fill(document("'x-${{ name }}'"), own)

    assert fill_facts(filled.node, FACTS).node.plain() == "x-debian"


def test_where_no_fact_can_be_waited_for_each_is_told() -> None:
    waiting = fill(document("{name: '${{ facts.distro }}', other: x}"), {}).node

    assert [(problem.code, problem.field) for problem in unready(waiting)] == [("IK-SPEC-031", "name")]


def test_variables_cannot_grow_text_without_end() -> None:
    long = Node("x" * 1000, document("a").place)
    filled = fill(document('"' + "${{ a }}" * 2000 + '"'), {"a": long})

    assert [problem.code for problem in filled.problems] == ["IK-SPEC-003"]


def test_variables_cannot_grow_lists_without_end() -> None:
    many = document("[" + "x, " * 20_000 + "x]")
    filled = fill(document("[" + "'${{ a }}', " * 9 + "x]"), {"a": many})

    assert [problem.code for problem in filled.problems] == ["IK-SPEC-003"]


def test_the_names_that_strings_ask_for_are_found_wherever_they_stand() -> None:
    assert names_used(document("a: ['${{ x }} ${{y}}', {b: '${{ facts.arch }}'}]\nc: '$z'")) == {"x", "y", "facts.arch"}
