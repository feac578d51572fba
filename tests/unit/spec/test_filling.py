from __future__ import annotations

import pytest

from imagekit.diagnostics import Diagnostic, Place
from imagekit.guest.facts import Facts
from imagekit.spec.filling import Filling, TextInvalid
from imagekit.spec.nodes import Node
from imagekit.spec.templates import fill
from imagekit.spec.yamltext import read_yaml

FACTS = Facts(distro="debian", version="12", selinux=True)


def filling(text: str = "{}") -> Filling:
    node, _ = read_yaml(text, "spec.yaml")
    assert node is not None
    return Filling({key: fill(member.node, {}).node for key, member in node.members.items()}, set())


def wrong(text: str, variables: str = "{}") -> tuple[Diagnostic, ...]:
    with pytest.raises(TextInvalid) as caught:
        filling(variables)(text, "app.conf")
    return caught.value.diagnostics


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("", ""),
        ("nothing to fill\r\n", "nothing to fill\r\n"),
        ("${{ port }}", "8080"),
        ("on: ${{ yes }}, ${{nothing}}, ${{ site }}\n", "on: true, , paris\n"),
        ("${{ facts.distro }}-${{ facts.version }} ${{ facts.selinux }}", "debian-12 true"),
        ("${{ built }}!", "for debian!"),
        ("$HOME $${port} {{ port }} ${{ '${{' }} port }}", "$HOME $${port} {{ port }} ${{ port }}"),
        ("${{ late }}", "${{ port }}"),
    ],
)
def test_variables_and_facts_are_filled_in_as_in_the_spec_itself(text: str, filled: str) -> None:
    variables = (
        "{port: 8080, yes: true, nothing: null, site: paris, built: 'for ${{ facts.distro }}', "
        "late: \"${{ '${{ port }}' }}\"}"
    )

    assert filling(variables)(text, "app.conf")(FACTS) == filled


def test_what_is_wrong_is_told_at_once_where_it_stands_in_the_text() -> None:
    found = wrong("a ${{ prot }}\r\n\t${{ hosts }} ${{ facts.kernels }}\n${{\n", "{port: 1, hosts: [a]}")

    assert [(problem.code, str(problem.place)) for problem in found] == [
        ("IK-SPEC-030", "app.conf:1:3"),
        ("IK-SPEC-032", "app.conf:2:2"),
        ("IK-SPEC-032", "app.conf:2:15"),
        ("IK-SPEC-031", "app.conf:3:1"),
    ]
    assert found[0].fix == "did you mean ${{ port }}?"
    assert found[0].place == Place("app.conf", 1, 3, 11)
    assert found[0].place is not None
    assert found[0].place.text == "a ${{ prot }}"


def test_the_place_of_a_reference_over_two_lines_ends_with_the_first() -> None:
    (problem,) = wrong("x ${{ a\nb }}")

    assert problem.place == Place("app.conf", 1, 3, 5)
    assert problem.place is not None
    assert problem.place.text == "x ${{ a"


def test_a_way_out_is_one_that_a_file_has() -> None:
    assert [problem.fix for problem in wrong("${{ a b }} ${{ list }}", "{list: [a]}")] == [
        "for the text itself write ${{ '${{' }}, or take the file as source",
        "name what is text, a number, or true or false",
    ]


def test_a_secret_is_refused() -> None:
    assert [problem.code for problem in wrong("${{ secrets.key }}")] == ["IK-SPEC-031"]


def test_a_list_of_facts_behind_a_variable_is_told_before_any_guest_is_known() -> None:
    assert [problem.code for problem in wrong("${{ all }}", "{all: '${{ facts.kernels }}'}")] == ["IK-SPEC-032"]


def test_variables_cannot_grow_a_text_without_end() -> None:
    (problem,) = wrong("${{ a }}" * 2000, "{a: " + "x" * 1000 + "}")

    assert problem.code == "IK-SPEC-003"


def test_the_variables_that_texts_ask_for_are_noted_though_unknown() -> None:
    asked = Filling({"a": Node("x", Place("spec.yaml", 1, 1))}, set())
    with pytest.raises(TextInvalid):
        asked("${{ a }} ${{ b }}", "app.conf")

    assert asked.used == {"a", "b"}
