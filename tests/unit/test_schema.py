from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from imagekit.catalog import load_catalog
from imagekit.schema import describe_kind, spec_schema
from imagekit.spec import parse_spec
from imagekit.spec.yamltext import read_yaml
from imagekit.transforms.hostname import Hostname

SPECS = Path(__file__).parents[2] / "fixtures" / "specs"
VALID = sorted(SPECS.glob("valid/**/*.yaml"))
KINDS = sorted(load_catalog())
# What JSON Schema cannot tell: whether names are declared, whether files are there, and what YAML itself forbids.
TELLS = [
    "beside-a-kind",
    "missing-field",
    "no-main-field",
    "outputs",
    "transforms-no-list",
    "two-kinds",
    "unknown-field",
    "unknown-kind",
    "unknown-top-key",
    "when",
    "wrong-type",
    "octal-mode",
]


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    schema = spec_schema(load_catalog())
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def plain(text: str) -> Any:
    node, problems = read_yaml(text, "spec.yaml")
    assert node is not None
    assert not problems
    return node.plain()


def as_item(example: str) -> str:
    """Return a spec whose one item is this."""
    first, *rest = example.splitlines()
    return "\n".join(["transforms:", f"  - {first}", *(f"    {line}" for line in rest), ""])


@pytest.mark.parametrize("path", VALID, ids=lambda path: path.stem)
def test_every_right_spec_is_right_by_the_schema(path: Path, validator: Draft202012Validator) -> None:
    assert [error.message for error in validator.iter_errors(plain(path.read_text()))] == []


@pytest.mark.parametrize("name", TELLS)
def test_a_wrong_spec_is_wrong_by_the_schema_where_a_schema_can_tell(
    name: str, validator: Draft202012Validator
) -> None:
    assert not validator.is_valid(plain((SPECS / "invalid" / f"{name}.yaml").read_text()))


@pytest.mark.parametrize("kind", KINDS)
def test_the_example_of_every_kind_is_right_by_schema_and_loader(kind: str, validator: Draft202012Validator) -> None:
    text = as_item(load_catalog()[kind].example)

    assert [error.message for error in validator.iter_errors(plain(text))] == []
    assert [entry.kind_name for entry in parse_spec(text, withhold_secrets=True).transforms] == [kind]


@pytest.mark.parametrize(
    ("item", "right"),
    [
        ("machine-id", True),
        ("delete", False),
        ("delete: /srv/x", True),
        ("machine-id:", True),
        ("machine-id: {}", True),
        ("hostname", False),
        ("hostname:", False),
        ("hostname: web", True),
        ("hostname: web_1", False),
        ("hostname: ${{ name }}", True),
        ("{hostname: web, x-note: [1], id: a}", True),
        ("{hostname: web, machine-id: }", False),
        ("{hostname: web, when: {version: '>=12', family: [debian]}}", True),
        ("{hostname: web, when: {family: debain}}", False),
        ("include: a.yaml", True),
        ("include: {file: a.yaml, vars: {n: 1}}", True),
        ("{include: a.yaml, id: x}", False),
        ("{include: a.yaml, hostname: x}", False),
        ("{id: x}", False),
        ("run: {command: make, timeout: '${{ n }}'}", True),
        ("run: {command: make, timeout: soon}", False),
        ("write-files: [{path: /a, source: note.txt}]", True),
        ("write-files: [{path: /a, source: {file: note.txt}}]", True),
        ("write-files: [{path: /a, content: {secret: a}}]", True),
        ("write-files: '${{ files }}'", True),
    ],
)
def test_each_form_of_an_item_is_known_to_the_schema(item: str, right: bool, validator: Draft202012Validator) -> None:
    assert validator.is_valid(plain(f"transforms:\n  - {item}\n")) is right


def test_a_kind_is_described_by_its_model_alone() -> None:
    doc = describe_kind(Hostname)

    assert (doc.kind, doc.summary, doc.main) == (
        "hostname",
        "Set the host name, in /etc/hostname and /etc/hosts.",
        "name",
    )
    assert [(field.name, field.type, field.required) for field in doc.fields] == [("name", "text", True)]
    assert doc.fields[0].description.startswith("A host name")
    assert doc.example == Hostname.example


def test_nested_fields_unions_and_defaults_are_told_in_words() -> None:
    files = describe_kind(load_catalog()["write-files"]).fields[0]
    inner = {field.name: field for field in files.fields}

    assert files.type == "list of mappings"
    assert (inner["content"].type, inner["content"].required) == ("text or {secret: NAME}", False)
    assert inner["source"].type == "text or {file: PATH}"
    assert inner["append"].default == "false"


def test_of_very_many_names_only_the_first_are_told() -> None:
    told = {field.name: field.type for field in describe_kind(load_catalog()["generalize"]).fields}

    assert told["units"] == "one of add, forbid"
    assert told["only"].startswith("list of one of rhsm, suse, ")
    assert told["only"].endswith(", …")


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_of_every_kind_is_described(kind: str) -> None:
    doc = describe_kind(load_catalog()[kind])

    assert doc.summary
    assert [field.name for field in doc.fields if not field.description or field.type == "anything"] == []
