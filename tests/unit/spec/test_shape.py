from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from imagekit.catalog import Catalog, PluginBroken
from imagekit.spec.shape import Kinds, Misshapen, fields_of, kind_of
from imagekit.spec.yamltext import read_yaml

if TYPE_CHECKING:
    from imagekit.spec.nodes import Node


def node(text: str) -> Node:
    found, problems = read_yaml(text, "spec.yaml")
    assert found is not None
    assert not problems
    return found


def fields(text: str, kinds: Catalog) -> object:
    kind, member = kind_of(node(text), "transforms[0]", Kinds(kinds))
    return kind, fields_of(kinds[kind], kind, member, "transforms[0]").plain()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("plain", ("plain", {})),
        ("plain:", ("plain", {})),
        ("plain: {}", ("plain", {})),
        ("greeting: hello", ("greeting", {"text": "hello"})),
        ("greeting: {text: hello, times: 2}", ("greeting", {"text": "hello", "times": 2})),
        ("people: [{name: ada}]", ("people", {"people": [{"name": "ada"}]})),
        ("{x-mine: 1, greeting: hello, id: a, when: {arch: x}}", ("greeting", {"text": "hello"})),
    ],
)
def test_an_item_may_be_a_name_a_mapping_or_the_main_field_alone(text: str, found: object, kinds: Catalog) -> None:
    assert fields(text, kinds) == found


@pytest.mark.parametrize(
    ("text", "code", "says"),
    [
        ("42", "IK-SPEC-010", "an item is the name of a kind, or a mapping with one kind"),
        ("{}", "IK-SPEC-010", "an item is the name of a kind, or a mapping with one kind"),
        ("{id: x, x-y: z}", "IK-SPEC-010", "names no kind"),
        ("{greeting: a, plain: }", "IK-SPEC-010", "one item is one kind, and this one has greeting and plain"),
        ("greting: a", "IK-SPEC-011", 'there is no kind "greting"'),
        ("{greeting: a, wehn: {}}", "IK-SPEC-010", '"wehn" cannot stand beside a kind'),
        ("plain: 5", "IK-SPEC-016", "plain takes a mapping of its fields"),
        ("greeting: {kind: greeting}", "IK-SPEC-012", '"kind" is no field of greeting'),
        ("people: {name: ada}", "IK-SPEC-014", "people takes a list, and this is one item of it"),
    ],
)
def test_a_wrong_shape_is_told(text: str, code: str, says: str, kinds: Catalog) -> None:
    with pytest.raises(Misshapen) as caught:
        fields(text, kinds)

    assert (caught.value.diagnostic.code, caught.value.diagnostic.message) == (code, says)


def test_a_field_that_slipped_out_beside_its_kind_is_shown_where_it_belongs(kinds: Catalog) -> None:
    with pytest.raises(Misshapen) as caught:
        fields("{greeting: , tmes: 3}", kinds)

    assert caught.value.diagnostic.fix == "- greeting: {times: …}"


def test_a_kind_of_a_broken_plugin_says_what_broke_it(kinds: Catalog) -> None:
    with pytest.raises(Misshapen) as caught:
        kind_of(
            node("acme.consul: {}"),
            "transforms[0]",
            Kinds(Catalog(kinds, [PluginBroken("acme.consul", "acme 1.0", "boom")])),
        )

    assert (caught.value.diagnostic.code, caught.value.diagnostic.message) == (
        "IK-SPEC-061",
        "the kind acme.consul of acme 1.0 cannot be used: boom",
    )
