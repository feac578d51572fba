"""What is wrong with a farm whatever its files are: names that mean nothing, values that stand twice."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from imagekit.farm.pattern import OWN_NAMES, BadPattern, read_pattern
from imagekit.spec.sentences import nearest_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imagekit.diagnostics import Diagnostic
    from imagekit.farm.document import Crossing

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


def faults(farm: Crossing) -> Iterator[Diagnostic]:
    """Yield all that is wrong with matrix, exclude and output, taken by themselves."""
    yield from _wrong_variables(farm)
    yield from _wrong_exclusions(farm)
    yield from _wrong_output(farm)


def _wrong_variables(farm: Crossing) -> Iterator[Diagnostic]:
    for name, values in farm.matrix.items():
        path = ("matrix", name)
        if not _NAME.fullmatch(name):
            why = "a name begins with a letter or _ and holds letters, digits, _ and -"
            yield farm.diagnostic("IK-FARM-020", f'"{name}" cannot be the name of a variable', path, key=True, why=why)
        elif name in OWN_NAMES:
            why = f"in the names of outputs {{{name}}} is taken"
            yield farm.diagnostic("IK-FARM-020", f'a variable cannot be called "{name}"', path, key=True, why=why)
        for index, value in enumerate(values):
            if value in values[:index]:
                message = f'"{value}" stands here a second time'
                yield farm.diagnostic("IK-FARM-021", message, (*path, index), fix="keep one of the two")


def _wrong_exclusions(farm: Crossing) -> Iterator[Diagnostic]:
    known = ("image", "spec", *farm.matrix)
    for index, item in enumerate(farm.exclude):
        if not item:
            message = "an item that names nothing would exclude all"
            yield farm.diagnostic("IK-FARM-023", message, ("exclude", index), fix="leave it out")
        for name in (each for each in item if each not in known):
            near, path = nearest_name(name, known), ("exclude", index, name)
            fix = f'did you mean "{near}"?' if near else ""
            why = "" if near else f"an item may name {', '.join(known)}"
            yield farm.diagnostic("IK-FARM-023", f'no variable is named "{name}"', path, key=True, why=why, fix=fix)


def _wrong_output(farm: Crossing) -> Iterator[Diagnostic]:
    if farm.output is None:
        return
    try:
        pattern = read_pattern(farm.output)
    except BadPattern as bad:
        yield farm.diagnostic("IK-FARM-040", str(bad), ("output",), fix=bad.fix)
        return
    known = (*OWN_NAMES, *farm.matrix)
    for name in dict.fromkeys(pattern.names):
        if name not in known:
            near = nearest_name(name, known)
            fix = f"did you mean {{{near}}}?" if near else ""
            why = "" if near else f"there are {', '.join(f'{{{each}}}' for each in known)}"
            found = farm.diagnostic("IK-FARM-041", f"{{{name}}} means nothing here", ("output",), why=why, fix=fix)
            yield _pointing_at(found, f"{{{name}}}")
    if not farm.output or farm.output.endswith("/"):
        message = "the pattern names a folder, and an output is a file"
        yield farm.diagnostic("IK-FARM-040", message, ("output",), fix=f"output: {farm.output}{{image}}-{{spec}}.qcow2")


def _pointing_at(diagnostic: Diagnostic, word: str) -> Diagnostic:
    """Return a diagnostic whose place is a word of the text there, if it can be found in the line."""
    place = diagnostic.place
    at = place.text.find(word, place.column - 1) if place else -1
    return (
        diagnostic
        if place is None or at < 0
        else replace(diagnostic, place=replace(place, column=at + 1, length=len(word)))
    )
