from __future__ import annotations

from typing import TYPE_CHECKING

from imagekit.guest.facts import Facts
from imagekit.spec.items import complete
from imagekit.spec.model import Pending

if TYPE_CHECKING:
    from collections.abc import Callable

    from imagekit.diagnostics import Diagnostic
    from imagekit.spec import Entry, Spec

DEBIAN = Facts(distro="debian", version="12")


def only(spec: Spec) -> Entry:
    (entry,) = spec.transforms
    return entry


def test_what_stands_beside_a_kind_is_kept(parse: Callable[..., Spec]) -> None:
    entry = only(parse("transforms:\n  - greeting: a\n    id: first\n    when: {family: debian}\n    x-why: because\n"))

    assert entry.id == "first"
    assert entry.when is not None
    assert entry.when.family == ("debian",)
    assert str(entry.place) == "spec.yaml:2:5"


def test_variables_reach_what_stands_beside_a_kind(parse: Callable[..., Spec]) -> None:
    entry = only(parse("vars: {who: debian}\ntransforms: [{greeting: a, when: {distro: '${{ who }}'}}]"))

    assert entry.when is not None
    assert entry.when.distro == ("debian",)


def test_a_variable_may_be_a_whole_item_or_all_fields(parse: Callable[..., Spec]) -> None:
    spec = parse("vars: {a: plain, b: {text: hi, times: 2}}\ntransforms: ['${{ a }}', greeting: '${{ b }}']")

    assert [entry.transform.model_dump() for entry in spec.transforms if not isinstance(entry.transform, Pending)] == [
        {"kind": "plain"},
        {"kind": "greeting", "text": "hi", "times": 2, "loud": False},
    ]


def test_an_unknown_variable_is_told_by_the_field_it_stands_in(problems: Callable[..., tuple[Diagnostic, ...]]) -> None:
    found = problems(
        "transforms:\n"
        "  - greeting: '${{ a }}'\n"
        "  - greeting: {text: '${{ b }}', times: 0}\n"
        "  - people: [{name: '${{ c }}'}]\n"
        "  - plain:\n"
        "    id: ${{ d }}\n"
    )

    assert [problem.field for problem in found] == [
        "transforms[0].text",
        "transforms[1].text",
        "transforms[1].times",
        "transforms[2].people[0].name",
        "transforms[3].id",
    ]


def test_what_waits_for_facts_becomes_a_transform_once_they_are_known(parse: Callable[..., Spec]) -> None:
    entry = only(parse("transforms: [greeting: 'on ${{ facts.distro }} ${{ facts.version }}']"))

    assert isinstance(entry.transform, Pending)
    assert entry.origin is not None
    transform, wrong = complete(entry.transform, entry.origin, DEBIAN)
    assert getattr(transform, "text", None) == "on debian 12"
    assert not wrong


def test_what_the_facts_make_wrong_is_told_at_its_place(parse: Callable[..., Spec]) -> None:
    entry = only(parse("transforms:\n  - greeting: {text: a, times: '${{ facts.version }}'}\n"))

    assert isinstance(entry.transform, Pending)
    assert entry.origin is not None
    transform, wrong = complete(entry.transform, entry.origin, DEBIAN)
    assert transform is None
    assert [(str(each.place), each.field, each.message) for each in wrong] == [
        ("spec.yaml:2:32", "transforms[0].times", '"12" must be at most 9')
    ]


def test_nothing_beside_a_kind_waits_for_facts(problems: Callable[..., tuple[Diagnostic, ...]]) -> None:
    found = problems("transforms: [{plain: , id: '${{ facts.distro }}', when: {distro: '${{ facts.distro }}'}}]")

    assert [problem.field for problem in found] == ["transforms[0].id", "transforms[0].when.distro"]
    assert {problem.code for problem in found} == {"IK-SPEC-031"}
