"""The matrix of a farm: images down, specs and the values of the matrix across. Pure."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from imagekit.farm.report.model import Entry


@dataclass(frozen=True, slots=True)
class Column:
    """One spec with one value of each variable; ``values`` are {name: JSON}, in the order of ``Axes.variables``."""

    spec: Path
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Span:
    """A heading and how many columns it stands over."""

    label: str
    columns: int


@dataclass(frozen=True, slots=True)
class Axes:
    """What the grid is made of.

    Attributes:
        rows: the images, with what each is called.
        columns: from left to right.
        headings: for each line above the grid its name, "spec" or a variable, and its headings.
        cells: the jobs; a combination that is excluded has none.
    """

    rows: tuple[tuple[Path, str], ...]
    columns: tuple[Column, ...]
    headings: tuple[tuple[str, tuple[Span, ...]], ...]
    cells: Mapping[tuple[Path, Column], Entry]


def axes_of(entries: Sequence[Entry]) -> Axes:
    """Return the grid of a farm; rows and columns stand in the order in which the farm names them."""
    variables = tuple(dict.fromkeys(name for entry in entries for name in entry.job.values))
    placed = [(entry, _column(entry, variables)) for entry in entries]
    ranks = [_ranks(column.spec for _, column in placed)]
    ranks += [_ranks(column.values[index] for _, column in placed) for index in range(len(variables))]
    columns = sorted(
        dict.fromkeys(column for _, column in placed),
        key=lambda column: [rank[part] for rank, part in zip(ranks, (column.spec, *column.values), strict=True)],
    )
    images = tuple(dict.fromkeys(entry.job.image for entry in entries))
    names = labels(images)
    return Axes(
        rows=tuple((image, names[image]) for image in images),
        columns=tuple(columns),
        headings=_headings(columns, variables),
        cells={(entry.job.image, column): entry for entry, column in placed},
    )


def labels(paths: Iterable[Path]) -> dict[Path, str]:
    """Return for each path the shortest of stem, name and whole path that no other has."""
    every = list(dict.fromkeys(paths))
    stems, names = Counter(path.stem for path in every), Counter(path.name for path in every)
    return {
        path: path.stem if stems[path.stem] == 1 else path.name if names[path.name] == 1 else str(path)
        for path in every
    }


def value_text(value: Any) -> str:
    """Return a value as the farm file has it: ``rome``, ``2``, ``true``."""
    return value if isinstance(value, str) else json.dumps(value, default=str)


def _column(entry: Entry, variables: Sequence[str]) -> Column:
    """JSON tells 1, true and "1" apart, which as keys of a dict are partly the same."""
    values = (json.dumps(entry.job.values[name], default=str) if name in entry.job.values else "" for name in variables)
    return Column(entry.job.spec, tuple(values))


def _ranks(parts: Iterable[Any]) -> dict[Any, int]:
    return {part: rank for rank, part in enumerate(dict.fromkeys(parts))}


def _headings(columns: Sequence[Column], variables: Sequence[str]) -> tuple[tuple[str, tuple[Span, ...]], ...]:
    specs = labels(column.spec for column in columns)
    lines = [("spec", [specs[column.spec] for column in columns])]
    for index, name in enumerate(variables):
        written = [column.values[index] for column in columns]
        lines.append((name, [value_text(json.loads(value)) if value else "" for value in written]))
    paths = [(column.spec, *column.values) for column in columns]
    return tuple(
        (name, tuple(_spans(found, [path[: depth + 1] for path in paths]))) for depth, (name, found) in enumerate(lines)
    )


def _spans(found: Sequence[str], paths: Sequence[tuple[Any, ...]]) -> Iterable[Span]:
    """Yield the headings of one line: neighbours under the same headings above are one."""
    begin = 0
    for end in range(1, len(found) + 1):
        if end == len(found) or paths[end] != paths[begin]:
            yield Span(found[begin], end - begin)
            begin = end
