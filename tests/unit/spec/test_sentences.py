from __future__ import annotations

from typing import Annotated, Any, Literal

import pytest
from pydantic import AfterValidator, Field, TypeAdapter, ValidationError

from imagekit.spec.sentences import Sentence, missing, nearest_name, say, unknown, wrong_sort
from imagekit.spec.yamltext import read_yaml


def refuse(value: str) -> str:
    raise Complaint(value)


class Complaint(ValueError):
    code = "IK-ACME-007"
    why = "it is Tuesday"
    fix = "come back tomorrow"


def sentence(annotation: Any, text: str, about: str = "") -> Sentence:
    """Return what is said of the YAML ``text`` in a field of this type."""
    node, _ = read_yaml(text, "spec.yaml")
    assert node is not None
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(annotation).validate_python(node.plain())
    return say(caught.value.errors()[0], node, about)


@pytest.mark.parametrize(
    ("annotation", "text", "says"),
    [
        (str, "[a]", "must be text, not a list"),
        (str, "{a: 1}", "must be text, not a mapping"),
        (str, "12", "must be text, and 12 without quotes is a number"),
        (str, "true", "must be text, and true without quotes is true or false"),
        (str, "~", "is empty, and must be text"),
        (int, "many", 'must be a whole number, not "many"'),
        (int, "1.5", "must be a whole number, not 1.5"),
        (bool, "maybe", 'must be true or false, not "maybe"'),
        (float, "soon", 'must be a number, not "soon"'),
        (list[str], "a", 'must be a list, not "a"'),
        (tuple[str, ...], "a", 'must be a list, not "a"'),
        (dict[str, str], "[a]", "must be a mapping, not a list"),
        (Literal["on", "off"], "of", '"of" is not one of on, off'),
        (Literal[1], "2", "must be 1, not 2"),
        (Annotated[int, Field(ge=1)], "0", "0 must be at least 1"),
        (Annotated[int, Field(gt=1)], "1", "1 must be more than 1"),
        (Annotated[int, Field(le=9)], "10", "10 must be at most 9"),
        (Annotated[int, Field(lt=9)], "9", "9 must be less than 9"),
        (Annotated[str, Field(min_length=1)], "''", "must have at least 1 character"),
        (Annotated[str, Field(max_length=2)], "abc", "must have at most 2 characters"),
        (Annotated[list[str], Field(min_length=2)], "[a]", "must have at least 2 items"),
        (Annotated[list[str], Field(max_length=1)], "[a, b]", "must have at most 1 item"),
        (Annotated[str, Field(pattern="^a$")], "b", '"b" does not have the right form'),
    ],
)
def test_each_error_of_pydantic_becomes_a_sentence_of_ours(annotation: Any, text: str, says: str) -> None:
    assert sentence(annotation, text).message == says


def test_a_number_where_text_belongs_is_to_be_quoted() -> None:
    assert sentence(str, "22.10").fix == 'quote it: "22.10"'


def test_a_number_with_a_leading_zero_has_a_code_and_a_reason_of_its_own() -> None:
    found = sentence(str, "0644")

    assert (found.code, found.fix) == ("IK-SPEC-015", 'quote it: "0644"')
    assert "leading 0" in found.why


def test_a_misspelt_word_gets_the_nearest_one() -> None:
    assert sentence(Literal["zstd", "zlib", "none"], "zsdt").fix == 'did you mean "zstd"?'


def test_a_pattern_is_shown_only_when_the_field_has_no_description() -> None:
    pattern = Annotated[str, Field(pattern="^a$")]

    assert sentence(pattern, "b", "The first letter").why == "The first letter"
    assert sentence(pattern, "b").why == "it must match ^a$"


def test_an_error_of_a_validator_brings_its_own_words() -> None:
    found = sentence(Annotated[str, AfterValidator(refuse)], "x", "A field")

    assert found == Sentence("IK-ACME-007", "x", "it is Tuesday", "come back tomorrow")


def test_a_long_value_is_cut() -> None:
    assert len(sentence(Literal["a", "b"], "x" * 500).message) < 100


def test_an_error_that_has_no_words_of_ours_is_still_told() -> None:
    assert sentence(Annotated[int, Field(multiple_of=2)], "3").message == "input should be a multiple of 2"


def test_several_sorts_are_told_together() -> None:
    node, _ = read_yaml("5", "spec.yaml")

    assert node is not None
    assert wrong_sort(("a list", "a mapping", "a list"), node, "").message == "must be a list or a mapping, not 5"


def test_a_missing_field_is_explained_by_its_description() -> None:
    assert missing("zone", "A time zone") == Sentence("IK-SPEC-013", '"zone" is missing', "A time zone")


def test_an_unknown_key_gets_the_nearest_name_or_all_of_them() -> None:
    assert unknown("contnet", "field", ("path", "content")).fix == 'did you mean "content"?'
    assert unknown("zzz", "field", ("path", "content")).why == "there are path, content"
    assert unknown("zzz", "field", ("path",)).why == "there is only path"


@pytest.mark.parametrize(
    ("word", "near"),
    [("machine_id", "machine-id"), ("MACHINE-ID", "machine-id"), ("hostnam", "hostname"), ("hostname-x", "hostname")],
)
def test_names_are_near_whatever_their_case_and_dashes(word: str, near: str) -> None:
    assert nearest_name(word, ("hostname", "machine-id")) == near


def test_nothing_is_near_to_a_wholly_different_word() -> None:
    assert nearest_name("consul", ("hostname", "machine-id")) == ""
