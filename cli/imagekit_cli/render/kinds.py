"""The kinds of transforms, for a person."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from imagekit_cli.lines import Line, columns

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imagekit.engine.describing import KindList
    from imagekit.schema import FieldDoc, KindDoc

_WIDTH = 100


def list_lines(described: KindList) -> Iterator[Line]:
    """Yield one line a kind: its name, its main field, what it does."""
    rows = ((kind.kind, f"({kind.main})" if kind.main else "", kind.summary) for kind in described.kinds)
    for text in columns(rows):
        yield Line(text)
    for broken in described.broken:
        yield Line(f"{broken.kind}: {broken.message}", "bad")


def kind_lines(kind: KindDoc) -> Iterator[Line]:
    """Yield everything that is to be known of a kind."""
    yield Line(kind.kind, "head")
    yield from (Line(f"  {text}") for text in textwrap.wrap(f"{kind.summary}", _WIDTH))
    for paragraph in kind.description.split("\n\n"):
        yield from (Line(f"  {text}") for text in textwrap.wrap(paragraph, _WIDTH))
    notes = [f"main field: {kind.main}"] if kind.main else []
    notes += [f"phase: {kind.phase}"] if kind.phase != "content" else []
    notes += ["runs guest programs"] if kind.opaque else []
    yield from ([Line(f"  {'; '.join(notes)}", "dim")] if notes else [])
    yield Line("fields", "head")
    yield from _field_lines(kind.fields, "  ")
    yield Line("example", "head")
    yield from (Line(f"  {text}") for text in kind.example.rstrip("\n").split("\n"))


def _field_lines(fields: tuple[FieldDoc, ...], indent: str) -> Iterator[Line]:
    if not fields:
        yield Line(f"{indent}none")
    for field in fields:
        need = "required" if field.required else f"default {field.default}" if field.default else "optional"
        yield Line(f"{indent}{field.name}  {field.type}, {need}", "place")
        for text in textwrap.wrap(field.description, _WIDTH):
            yield Line(f"{indent}    {text}")
        if field.fields:
            yield from _field_lines(field.fields, f"{indent}    ")
