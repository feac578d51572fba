"""Every kind, held to the same: a first line, an example that works, a description of each field."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from imagekit.catalog import kind_of, load_catalog
from imagekit.schema import describe_kind
from imagekit.spec import parse_spec

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imagekit.schema import FieldDoc

CATALOG = load_catalog()


@pytest.fixture(params=[kind for kind in CATALOG if "." not in kind])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def fields(docs: tuple[FieldDoc, ...], above: str = "") -> Iterator[tuple[str, FieldDoc]]:
    for each in docs:
        yield f"{above}{each.name}", each
        yield from fields(each.fields, f"{above}{each.name}.")


def test_its_docstring_begins_with_one_sentence(kind: str) -> None:
    summary = describe_kind(CATALOG[kind]).summary

    assert summary.endswith(".")
    assert "  " not in summary
    assert len(summary) <= 110


def test_every_field_is_described(kind: str) -> None:
    named = fields(describe_kind(CATALOG[kind]).fields)

    assert [name for name, each in named if not each.description] == []


def test_its_main_field_is_one_of_its_fields(kind: str) -> None:
    main = CATALOG[kind].main

    assert main is None or main in CATALOG[kind].model_fields


def test_its_example_is_a_step_of_that_kind(kind: str) -> None:
    first, *rest = CATALOG[kind].example.splitlines()
    item = "\n".join([f"  - {first}", *(f"    {line}" for line in rest)])

    spec = parse_spec(f"version: 1\ntransforms:\n{item}\n", withhold_secrets=True)

    assert [kind_of(step.kind) for step in spec.transforms] == [kind]
