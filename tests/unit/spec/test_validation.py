from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from imagekit.diagnostics import Diagnostic, Place
from imagekit.spec.templates import fill
from imagekit.spec.validation import validate
from imagekit.spec.yamltext import read_yaml

HERE = Place("spec.yaml", 99, 1)


class Box(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    size: int
    colour: Literal["red", "blue"] = "red"
    label: str | None = None


class Bag(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    weight: int
    label: str | None = None


class Shelf(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    boxes: Annotated[tuple[Box, ...], Field(min_length=1)] = (Box(size=1),)
    thing: Box | Bag | str | None = None
    note: str | list[str] | None = None

    @model_validator(mode="after")
    def _no_twins(self) -> Self:
        if len(set(self.boxes)) < len(self.boxes):
            raise ValueError("two boxes are the same")
        return self


def judged(text: str) -> tuple[Shelf | None, tuple[Diagnostic, ...]]:
    node, problems = read_yaml(text, "spec.yaml")
    assert node is not None
    assert not problems
    return validate(Shelf, fill(node, {}).node, "transforms[2]", HERE, {})


def told(text: str) -> list[tuple[str, str, str]]:
    return [(str(problem.place), problem.field, problem.message) for problem in judged(text)[1]]


def test_what_is_right_becomes_the_model() -> None:
    shelf, problems = judged("{name: a, boxes: [{size: 2}]}")

    assert shelf == Shelf(name="a", boxes=(Box(size=2),))
    assert not problems


def test_every_error_is_told_at_its_own_place() -> None:
    assert told("name: [x]\nboxes:\n  - {size: big}\n  - {size: 1, colour: green}\n") == [
        ("spec.yaml:1:7", "transforms[2].name", "must be text, not a list"),
        ("spec.yaml:3:12", "transforms[2].boxes[0].size", 'must be a whole number, not "big"'),
        ("spec.yaml:4:23", "transforms[2].boxes[1].colour", '"green" is not one of red, blue'),
    ]


def test_an_unknown_key_is_told_at_the_key() -> None:
    assert told("{name: a, boxes: [{size: 1, clour: red}]}") == [
        ("spec.yaml:1:29", "transforms[2].boxes[0]", '"clour" is no field of boxes')
    ]


def test_a_missing_field_is_told_at_the_mapping_that_lacks_it() -> None:
    assert told("{boxes: [{colour: red}]}") == [
        ("spec.yaml:99:1", "transforms[2]", '"name" is missing'),
        ("spec.yaml:1:10", "transforms[2].boxes[0]", '"size" is missing'),
    ]


def test_a_field_that_stands_there_misspelt_is_told_once() -> None:
    assert told("{nmae: a}") == [("spec.yaml:1:2", "transforms[2]", '"nmae" is no key of a spec')]


def test_a_list_whose_items_are_wrong_is_not_called_too_short() -> None:
    assert [field for _, field, _ in told("{name: a, boxes: [{size: x}]}")] == ["transforms[2].boxes[0].size"]


def test_a_list_that_is_too_short_is_told() -> None:
    assert told("{name: a, boxes: []}") == [("spec.yaml:1:18", "transforms[2].boxes", "must have at least 1 item")]


def test_what_is_wrong_with_the_whole_is_told_at_its_kind() -> None:
    assert told("{name: a, boxes: [{size: 1}, {size: 1}]}") == [
        ("spec.yaml:99:1", "transforms[2]", "two boxes are the same")
    ]


def test_of_a_union_only_the_branch_that_was_meant_is_told() -> None:
    assert told("{name: a, thing: {weight: heavy}}") == [
        ("spec.yaml:1:27", "transforms[2].thing.weight", 'must be a whole number, not "heavy"')
    ]


def test_of_a_union_that_fits_in_no_way_all_sorts_are_told_in_one_sentence() -> None:
    assert told("{name: a, note: {x: y}, thing: [1]}") == [
        ("spec.yaml:1:32", "transforms[2].thing", "must be a mapping or text, not a list"),
        ("spec.yaml:1:17", "transforms[2].note", "must be text or a list, not a mapping"),
    ]


def test_an_item_of_a_list_in_a_union_is_told_itself() -> None:
    assert told("{name: a, note: [x, {}]}") == [
        ("spec.yaml:1:21", "transforms[2].note[1]", "must be text, not a mapping")
    ]


def test_what_waits_for_facts_is_not_judged_but_all_else_is() -> None:
    shelf, problems = judged("{name: a, boxes: [{size: '${{ facts.version }}', colour: green}]}")

    assert shelf is None
    assert [problem.field for problem in problems] == ["transforms[2].boxes[0].colour"]


def test_keys_are_judged_even_beside_what_waits() -> None:
    assert told("{name: a, boxes: [{size: '${{ facts.version }}', clour: red}, {}]}") == [
        ("spec.yaml:1:50", "transforms[2].boxes[0]", '"clour" is no field of boxes'),
        ("spec.yaml:1:63", "transforms[2].boxes[1]", '"size" is missing'),
    ]


def test_a_missing_or_unknown_key_is_certain_whatever_its_mapping_waits_for() -> None:
    assert told("{name: a, boxes: [{colour: '${{ facts.distro }}', wide: '${{ facts.arch }}'}]}") == [
        ("spec.yaml:1:19", "transforms[2].boxes[0]", '"size" is missing'),
        ("spec.yaml:1:51", "transforms[2].boxes[0]", '"wide" is no field of boxes'),
    ]


def test_the_context_reaches_the_validators() -> None:
    seen: list[Any] = []

    class Asking(BaseModel):
        model_config = ConfigDict(extra="forbid")

        def model_post_init(self, context: Any) -> None:
            seen.append(context["folder"])

    node, _ = read_yaml("{}", "spec.yaml")

    assert node is not None
    assert validate(Asking, node, "", HERE, {"folder": "f"})[0] is not None
    assert seen == ["f"]


def test_a_document_that_is_no_spec_is_called_by_the_title_of_its_model() -> None:
    class Titled(BaseModel):
        model_config = ConfigDict(frozen=True, extra="forbid", title="farm")

    node, _ = read_yaml("{nmae: a}", "FARM.yaml")
    assert node is not None
    _, problems = validate(Titled, node, "", HERE, {})

    assert [problem.message for problem in problems] == ['"nmae" is no key of a farm']
