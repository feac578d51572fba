from __future__ import annotations

import pytest

from imagekit.spec.nodes import FactReference, Node, Template, join, nearest, parse_path, spell, without
from imagekit.spec.yamltext import read_yaml


def document(text: str) -> Node:
    node, problems = read_yaml(text, "spec.yaml")
    assert node is not None
    assert not problems
    return node


@pytest.mark.parametrize(
    ("text", "path"),
    [("users[1].groups[0]", ("users", 1, "groups", 0)), ("", ()), ("[2]", (2,)), ("a.b-c", ("a", "b-c"))],
)
def test_a_field_path_is_read_as_it_is_written(text: str, path: tuple[str | int, ...]) -> None:
    assert parse_path(text) == path
    assert spell(path) == text


@pytest.mark.parametrize(
    ("prefix", "path", "joined"),
    [("t[2]", ("name",), "t[2].name"), ("t", (2,), "t[2]"), ("", ("name",), "name"), ("t[2]", (), "t[2]")],
)
def test_paths_join_with_a_dot_only_before_a_name(prefix: str, path: tuple[str | int, ...], joined: str) -> None:
    assert join(prefix, path) == joined


def test_the_nearest_node_is_the_last_one_that_the_document_has() -> None:
    node = document("users:\n  - name: ada\n")

    assert nearest(node, ("users", 0, "name")).value == "ada"
    assert nearest(node, ("users", 0, "groups", 3)).place.line == 2
    assert nearest(node, ("users", 7)).place == node.members["users"].node.place
    assert nearest(node, ("nothing",)) is node


def test_plain_drops_the_places() -> None:
    node = document("a: [1, {b: null, c: 'x'}]")

    assert node.plain() == {"a": [1, {"b": None, "c": "x"}]}


def test_a_template_is_told_from_text_and_shown_as_it_was_written() -> None:
    node = document("a: [x]")
    waiting = Node((Node(Template(("on ", FactReference("distro"))), node.place),), node.place)

    assert waiting.pending()
    assert not node.pending()
    assert waiting.plain() == ["on ${{ facts.distro }}"]


def test_a_mapping_can_be_had_without_some_keys() -> None:
    assert without(document("a: 1\nb: 2\nc: 3"), "a", "c").plain() == {"b": 2}
