from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from imagekit.spec.documents import Reading

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "inner.yaml").write_text(
        "vars: {a: inner, b: inner, c: inner}\ntransforms: [greeting: '${{ a }} ${{ b }} ${{ c }}']\n"
    )
    return tmp_path


def read(text: str, folder: Path, **chosen: str) -> Reading:
    reading = Reading(chosen)
    reading.text(text, "spec.yaml", folder)
    return reading


def test_an_included_spec_stands_where_it_is_named(folder: Path) -> None:
    reading = read("transforms: [plain, include: parts/inner.yaml, plain]", folder)

    assert [item.node.plain() for item in reading.items] == [
        "plain",
        {"greeting": "${{ a }} ${{ b }} ${{ c }}"},
        "plain",
    ]
    assert [item.folder for item in reading.items] == [folder, folder / "parts", folder]


def test_the_variables_of_an_included_spec_are_defaults(folder: Path) -> None:
    text = "vars: {b: outer, c: outer}\ntransforms: [include: {file: parts/inner.yaml, vars: {c: given}}]"
    (item,) = read(text, folder).items

    assert {name: node.plain() for name, node in item.variables.items()} == {"a": "inner", "b": "outer", "c": "given"}


def test_a_chosen_variable_reaches_an_included_spec_whatever_it_is_given(folder: Path) -> None:
    text = "transforms: [include: {file: parts/inner.yaml, vars: {c: given}}]"
    (item,) = read(text, folder, c="chosen").items

    assert item.variables["c"].plain() == "chosen"


def test_the_variables_of_an_included_spec_stay_inside(folder: Path) -> None:
    reading = read("transforms: [include: parts/inner.yaml, greeting: '${{ a }}']", folder)

    assert "a" not in reading.items[1].variables


def test_the_name_of_an_included_file_may_hold_a_variable(folder: Path) -> None:
    assert len(read("vars: {which: inner}\ntransforms: [include: 'parts/${{ which }}.yaml']", folder).items) == 1


def test_a_loop_of_includes_is_told_with_its_way(folder: Path) -> None:
    (folder / "a.yaml").write_text("transforms: [include: parts/b.yaml]")
    (folder / "parts" / "b.yaml").write_text("transforms: [include: ../a.yaml]")
    reading = Reading({})
    reading.file(folder / "a.yaml", "a.yaml")

    (problem,) = reading.problems
    assert problem.code == "IK-SPEC-021"
    assert problem.why == f"{folder.name}/a.yaml includes parts/b.yaml includes {folder.name}/a.yaml"


def test_a_file_may_be_included_twice(folder: Path) -> None:
    reading = read("transforms: [{include: parts/inner.yaml}, {include: parts/inner.yaml}]", folder)

    assert len(reading.items) == 2
    assert not reading.problems


def test_every_file_that_was_read_is_kept_with_its_digest(folder: Path) -> None:
    text = "transforms: [include: parts/inner.yaml]"
    main, inner = read(text, folder).sources

    assert (main.file, main.sha256) == ("spec.yaml", hashlib.sha256(text.encode()).hexdigest())
    assert inner.file == str(folder / "parts" / "inner.yaml")
    assert inner.sha256 == hashlib.sha256((folder / "parts" / "inner.yaml").read_bytes()).hexdigest()


def test_a_file_that_is_not_there_gets_the_nearest_name(folder: Path) -> None:
    (problem,) = read("transforms: [include: parts/iner.yaml]", folder).problems

    assert (problem.code, problem.fix) == ("IK-SPEC-002", 'did you mean "inner.yaml"?')


def test_a_file_that_is_no_text_is_told(folder: Path) -> None:
    (folder / "bin.yaml").write_bytes(b"name: \xff\n")
    reading = Reading({})
    reading.file(folder / "bin.yaml", "bin.yaml")

    assert [problem.message for problem in reading.problems] == ["cannot read bin.yaml: byte 6 is not UTF-8 text"]


def test_a_byte_order_mark_is_passed_over(folder: Path) -> None:
    (folder / "bom.yaml").write_bytes(b"\xef\xbb\xbftransforms: [plain]\n")
    reading = Reading({})
    reading.file(folder / "bom.yaml", "bom.yaml")

    assert [item.node.plain() for item in reading.items] == ["plain"]


def test_keys_of_ones_own_are_not_looked_at(folder: Path) -> None:
    reading = read("x-any: [1, '${{ thing }}']\ntransforms: [plain]", folder)

    assert not reading.problems
    assert set(reading.heads[0].node.members) == set()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "the spec is empty"),
        ("# note\n", "the spec is empty"),
        ("[a]", "a spec is a mapping, not a list"),
        ("name:web", "a spec is a mapping, not text"),
    ],
)
def test_a_document_that_is_no_mapping_is_told(text: str, says: str, folder: Path) -> None:
    assert [problem.message for problem in read(text, folder).problems] == [says]


@pytest.mark.parametrize(
    "include", ["[a]", "{}", "{fiel: a}", "{file: [a]}", "{file: parts/inner.yaml, vars: 1}", "''", "{file: a, x: 1}"]
)
def test_an_include_of_the_wrong_shape_is_told(include: str, folder: Path) -> None:
    problems = read(f"transforms: [include: {include}]", folder).problems

    assert {problem.code for problem in problems} == {"IK-SPEC-020"}
