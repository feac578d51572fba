"""What was measured as JSON, as a table for a terminal, and as one for the README: pure."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from benchmarks.ratios import Result, compare, spread

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SECTIONS = {
    "single": "one image",
    "launch": "start of a session",
    "farm": "eight images, two at a time, each",
    "batch": "small images, each",
    "size": "one image",
    "steps": "write files",
    "help": "--help",
}
"""What each section measures, in words for a table."""


def document(results: Sequence[Result], machine: Mapping[str, Any], rounds: int) -> dict[str, Any]:
    """Return everything as plain data: each contender's seconds, and the ratios made of them."""
    ratios = {each.result: dataclasses.asdict(each.ratio) for each in compare(results)}
    rows = [{**dataclasses.asdict(each), **({"ratio": ratios[each]} if each in ratios else {})} for each in results]
    return {"version": 1, "rounds": rounds, "machine": dict(machine), "results": rows}


def results_of(document: Mapping[str, Any]) -> tuple[Result, ...]:
    """Return what a document holds, as it was measured."""
    names = [field.name for field in dataclasses.fields(Result)]
    rows = ({name: row[name] for name in names} for row in document["results"])
    return tuple(Result(**{**row, "seconds": tuple(row["seconds"])}) for row in rows)


def text_table(results: Sequence[Result]) -> str:
    """Return every contender, a line each, with its seconds and its ratio to the reference."""
    ratios = {each.result: each.ratio for each in compare(results)}
    rows: list[tuple[str, ...]] = [
        ("measured", "contender", "min s", "median s", "max s", "ratio min", "median", "max")
    ]
    for each in results:
        seconds, ratio = spread(each.seconds), ratios.get(each)
        told = [_ratio(value) for value in dataclasses.astuple(ratio)] if ratio else ["", "", ""]
        rows.append((_what(each), each.contender, *(_seconds(value) for value in dataclasses.astuple(seconds)), *told))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if column < 2 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )


def throughput(results: Sequence[Result]) -> str:
    """Return how many images a minute each contender of the farms made, a line each; "" if none was measured."""
    rows = [(each, spread(each.seconds).median) for each in results if each.section == "batch"]
    return "\n".join(f"{each.contender}: {60 / seconds:.1f} images a minute" for each, seconds in rows)


def markdown_table(document: Mapping[str, Any]) -> str:
    """Return the table of the README, with the machine below it."""
    rows = [
        f"| {_what(each.result)} | {each.against.contender} | {_seconds(spread(each.against.seconds).median)} "
        f"| {each.result.contender} | {_seconds(spread(each.result.seconds).median)} "
        f"| {_ratio(each.ratio.min)} / **{_ratio(each.ratio.median)}** / {_ratio(each.ratio.max)} |"
        for each in compare(results_of(document))
    ]
    head = ["| | against | s | contender | s | of its time: min / median / max |", "|---|---|--:|---|--:|---|"]
    return "\n".join([*head, *rows, "", _below(document)])


def between_markers(text: str, table: str, name: str = "bench") -> str:
    """Return a text with what is between its two markers replaced; ValueError if they are not there once each."""
    begin, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    if text.count(begin) != 1 or text.count(end) != 1 or text.index(begin) > text.index(end):
        raise ValueError(f"there must be one {begin} and after it one {end}")
    before, after = text.partition(begin)[0], text.partition(end)[2]
    return f"{before}{begin}\n{table}\n{end}{after}"


def _below(document: Mapping[str, Any]) -> str:
    machine = document["machine"]
    count = document["rounds"]
    return (
        f"Median of up to {count} round{'' if count == 1 else 's'}, in turn. {machine['cores']} cores of {machine['cpu']}, "
        f"{machine['memory_gib']} GiB of memory, {machine['distribution']}, Linux {machine['kernel']}, QEMU {machine['qemu']}, "
        f"libguestfs {machine['libguestfs']}, accelerator {machine['accelerator']}."
    )


def _what(result: Result) -> str:
    words = SECTIONS.get(result.section, result.section)
    return f"{words}, {result.case}" if result.case else words


def _seconds(value: float) -> str:
    return f"{value:.2f}" if value < 10 else f"{value:.1f}"


def _ratio(value: float) -> str:
    return f"{value:.3f}" if value < 1 else f"{value:.2f}"
