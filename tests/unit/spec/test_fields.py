from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, Field

from imagekit.spec.fields import about, models_in, names_at, owner


class Inner(BaseModel):
    model_config = ConfigDict(use_attribute_docstrings=True)

    match: str
    """What is looked for. A pattern."""
    put: str = Field(alias="with", description="What stands ``there`` then.")


class Outer(BaseModel):
    model_config = ConfigDict(use_attribute_docstrings=True)

    kind: str = "outer"
    replace: list[Inner] | Inner | None = None
    """Replacements."""
    named: Mapping[str, Inner] = {}
    count: int = 0


def test_a_field_is_described_by_its_first_sentence() -> None:
    assert about(Outer, ("replace",)) == "Replacements"
    assert about(Outer, ("replace", 3, "match")) == "What is looked for"
    assert about(Outer, ("replace", "with")) == "What stands there then"
    assert about(Outer, ("count",)) == ""


def test_a_value_in_a_list_is_described_by_its_list() -> None:
    assert about(Outer, ("replace", 0)) == "Replacements"


def test_the_names_of_a_mapping_are_those_that_a_spec_writes() -> None:
    assert tuple(names_at(Outer, ())) == ("replace", "named", "count")
    assert tuple(names_at(Outer, ("replace", 0))) == ("match", "with")
    assert tuple(names_at(Outer, ("named", "any"))) == ("match", "with")
    assert tuple(names_at(Outer, ("count",))) == ()


def test_models_are_found_through_unions_and_containers() -> None:
    assert tuple(models_in(dict[str, tuple[Inner | str, ...]])) == (Inner,)
    assert tuple(models_in(int | None)) == ()


def test_the_owner_of_a_mapping_is_the_last_field_on_the_way_or_the_kind() -> None:
    assert owner(Outer, ("replace", 0)) == "replace"
    assert owner(Outer, ("named", "any")) == "named"
    assert owner(Outer, ()) == "outer"
    assert owner(Inner, ()) == ""
