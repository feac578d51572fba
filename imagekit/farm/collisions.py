"""Outputs that stand against something: another output, an input, or the next run of the farm."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from imagekit.farm.files import takes
from imagekit.farm.pattern import read_pattern, usual_pattern, with_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from imagekit.diagnostics import Diagnostic
    from imagekit.farm.document import Farm
    from imagekit.farm.files import Folder
    from imagekit.farm.job import Job
    from imagekit.farm.jobs import Cell

_LONGEST = 255 - len(".receipt.json")
"""Bytes of an output's name, so that its receipt can have one too."""
_AT = ("output",)


def collisions(farm: Farm, cells: Sequence[Cell], jobs: Sequence[Job], folder: Folder) -> Iterator[Diagnostic]:
    """Yield what is wrong with the outputs of the jobs, which are those of the cells in the same order."""
    yield from _shared(farm, cells, jobs)
    over = tuple(_over_inputs(farm, jobs))
    yield from over or _taken_next_time(farm, jobs, folder)
    longest = max((job.output.name for job in jobs), key=lambda name: len(os.fsencode(name)), default="")
    if len(os.fsencode(longest)) > _LONGEST:
        message = f"the name of an output has more than {_LONGEST} bytes: {longest}"
        yield farm.diagnostic(
            "IK-FARM-045", message, _AT, fix="name fewer things in the pattern, or fold it: {image}/…"
        )


def _shared(farm: Farm, cells: Sequence[Cell], jobs: Sequence[Job]) -> Iterator[Diagnostic]:
    """Yield that jobs share an output: once for all that the pattern does not name, once for what it cannot tell."""
    text = usual_pattern(farm.matrix) if farm.output is None else farm.output
    used = (*read_pattern(text).names, "suffix")
    first: dict[Path, int] = {}
    alike: list[tuple[Job, Job]] = []
    unnamed: list[tuple[Job, Job]] = []
    missing: set[str] = set()
    for index, job in enumerate(jobs):
        other = first.setdefault(job.output, index)
        if other == index:
            continue
        one, two = cells[other].names, cells[index].names
        differing = {name for name in one if one[name] != two[name] and name not in used}
        missing |= differing
        (unnamed if differing else alike).append((jobs[other], job))
    if unnamed:
        names = tuple(name for name in ("image", "spec", *farm.matrix) if name in missing)
        why = f"the pattern has no {' and no '.join(f'{{{name}}}' for name in names)}"
        fix = f"output: {with_names(text, names)}"
        yield farm.diagnostic("IK-FARM-042", _both_become(unnamed), _AT, why=why, fix=fix)
    if alike:
        why, fix = _alike(*alike[0])
        yield farm.diagnostic("IK-FARM-042", _both_become(alike), _AT, why=why, fix=fix)


def _both_become(pairs: Sequence[tuple[Job, Job]]) -> str:
    one, two = pairs[0]
    others = len(pairs) - 1
    more = f", and so do {others} more pair{'' if others == 1 else 's'}" if others else ""
    return f"{one.id} and {two.id} would both become {one.output}{more}"


def _alike(one: Job, two: Job) -> tuple[str, str]:
    """Return what is the same in the names of two jobs that have all names in their outputs, and the way out."""
    for a, b in ((one.image, two.image), (one.spec, two.spec)):
        if a != b:
            why = f"{a} and {b} are both called {a.stem}" if a.stem == b.stem else f"{a} and {b} meet in the pattern"
            return why, "give them names of their own, if need be by links"
    return "their values are alike once they stand in a path", "take values that differ in letters, digits, . or _"


def _over_inputs(farm: Farm, jobs: Sequence[Job]) -> Iterator[Diagnostic]:
    inputs = {path: what for job in jobs for path, what in ((job.image, "an image"), (job.spec, "a spec"))}
    real = {Path(os.path.realpath(path)): what for path, what in inputs.items()}
    for job in jobs:
        what = inputs.get(job.output) or real.get(job.output)
        if what:
            message = f"{job.id} would become {job.output}, which is {what} of this farm"
            fix = 'put outputs into a folder of their own: output: "out/{image}-{spec}{suffix}"'
            yield farm.diagnostic("IK-FARM-043", message, _AT, why="nothing that goes in is ever replaced", fix=fix)
            return


def _taken_next_time(farm: Farm, jobs: Iterable[Job], folder: Folder) -> Iterator[Diagnostic]:
    """Yield that the next run would take an output of this one for an image."""
    folders: set[tuple[Path, str]] = set()
    for job in jobs:
        if (job.output.parent, job.output.suffix) in folders:
            continue
        folders.add((job.output.parent, job.output.suffix))
        pattern = takes(farm.images, job.output, folder)
        if pattern:
            message = f"{pattern} would take {job.output.name} for an image in the next run"
            fix = 'put outputs into a folder of their own: output: "out/{image}-{spec}{suffix}"'
            yield farm.diagnostic("IK-FARM-044", message, _AT, fix=fix)
            return
