from __future__ import annotations

import pytest

from imagekit.farm.pattern import BadPattern, in_id, in_path, read_pattern, usual_pattern, with_names

VALUES = {"image": "debian", "spec": "web", "site": "rome", "suffix": ".img"}


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("out/{image}-{spec}-{site}.qcow2", "out/debian-web-rome.qcow2"),
        ("{image}/{spec}{suffix}", "debian/web.img"),
        ("{{x}}-{image}}}", "{x}-debian}"),
        ("plain", "plain"),
    ],
)
def test_names_stand_for_their_values_and_doubled_braces_for_themselves(text: str, path: str) -> None:
    assert read_pattern(text).fill(VALUES) == path


@pytest.mark.parametrize("text", ["{image", "image}", "{}", "{image:>9}", "{image!s}"])
def test_braces_hold_a_name_and_nothing_else(text: str) -> None:
    with pytest.raises(BadPattern) as caught:
        read_pattern(text)

    assert caught.value.fix


@pytest.mark.parametrize(
    ("text", "start"), [("out/{image}", "out/"), ("{image}", ""), ("a/b", "a/b"), ("{{a}}/b-{spec}", "{a}/b-")]
)
def test_the_start_is_what_all_paths_have(text: str, start: str) -> None:
    assert read_pattern(text).start == start


def test_the_names_are_those_in_use() -> None:
    assert read_pattern("{{image}}/{spec}-{site}").names == ("spec", "site")


def test_the_usual_pattern_names_all_there_is() -> None:
    pattern = read_pattern(usual_pattern(["site"]))

    assert pattern.names == ("image", "spec", "site", "suffix")
    assert pattern.fill(VALUES) == "debian-web-rome.img"


@pytest.mark.parametrize(
    ("text", "more"),
    [
        ("out.d/{image}.qcow2", "out.d/{image}-{site}.qcow2"),
        ("{image}{suffix}", "{image}-{site}{suffix}"),
        ("{image}", "{image}-{site}"),
    ],
)
def test_names_are_added_before_the_suffix(text: str, more: str) -> None:
    assert with_names(text, ("site",)) == more


@pytest.mark.parametrize(
    ("value", "told"),
    [("a/../b", "a-..-b"), ("..", "-"), (".", "-"), ("", "-"), ("a\n\x00b", "a-b"), ("my image", "my image")],
)
def test_a_value_leads_into_no_other_folder(value: str, told: str) -> None:
    assert in_path(value) == told


@pytest.mark.parametrize(("value", "told"), [("my image", "my-image"), ("a*b?", "a-b-"), ("zürich_1.2", "zürich_1.2")])
def test_an_id_can_be_typed(value: str, told: str) -> None:
    assert in_id(value) == told
