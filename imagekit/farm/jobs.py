"""Every image by every spec by every value: the jobs of a farm, or all that stands against them."""

from __future__ import annotations

import hashlib
import itertools
import math
import os
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from imagekit.farm.collisions import collisions
from imagekit.farm.document import FarmInvalid
from imagekit.farm.exclusions import Exclusions
from imagekit.farm.faults import faults
from imagekit.farm.files import Folder, Found, find_files
from imagekit.farm.job import Job
from imagekit.farm.pattern import in_id, in_path, read_pattern, usual_pattern

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from imagekit.diagnostics import Diagnostic
    from imagekit.farm.document import Farm

MOST_JOBS = 100_000
_ID_LENGTH = 160


@dataclass(frozen=True, slots=True)
class Cell:
    """One place of the matrix."""

    image: Found
    spec: Found
    values: Mapping[str, str]

    @property
    def names(self) -> dict[str, str]:
        """What the pattern of outputs may name, as it stands in a path."""
        plain = {"image": self.image.stem, "spec": self.spec.stem, **self.values}
        return {**{name: in_path(value) for name, value in plain.items()}, "suffix": self.image.path.suffix or ".qcow2"}

    @property
    def id(self) -> str:
        """Stems and values, as they may stand in the name of a file; of several places it may be the same."""
        text = "-".join(in_id(value) for value in (self.image.stem, self.spec.stem, *self.values.values()))
        return text if len(text.encode()) <= _ID_LENGTH else f"{text.encode()[:_ID_LENGTH].decode(errors='ignore')}~"

    @property
    def mark(self) -> str:
        """What tells it from others of its id, whatever else is in the farm."""
        told = "\0".join((self.image.shown, self.spec.shown, *self.values.values()))
        return hashlib.sha256(told.encode(errors="surrogatepass")).hexdigest()[:8]


def expand(farm: Farm, folder: Path) -> tuple[Job, ...]:
    """Return the jobs of a farm, in the order of images, then specs, then values.

    Args:
        farm: as it was loaded.
        folder: that of its file; its names and patterns are relative to it.

    Raises:
        FarmInvalid: with every problem: names and patterns without files, outputs that are not one a job, exclusions
            without effect.
    """
    place = Folder(folder)
    problems = list(faults(farm))
    images, missing_images = find_files(farm, "images", place)
    specs, missing_specs = find_files(farm, "specs", place)
    problems += [*missing_images, *missing_specs]
    if not problems:
        problems += _too_many(farm, len(images) * len(specs))
    if problems:
        raise FarmInvalid(tuple(problems))
    exclusions = Exclusions(farm, images, specs)
    cells = [cell for cell in _cells(farm, images, specs) if not exclusions.cover(cell.image, cell.spec, cell.values)]
    problems += exclusions.idle()
    if not cells:
        problems.append(farm.diagnostic("IK-FARM-025", "everything is excluded, so no image is made", ("exclude",)))
    jobs = tuple(_jobs(farm, cells, place))
    problems += collisions(farm, cells, jobs, place)
    if problems:
        raise FarmInvalid(tuple(problems))
    return jobs


def output_folder(farm: Farm, folder: Path) -> Path:
    """Return the folder that all outputs of a farm without faults are in or below: the fixed part of their paths."""
    start = read_pattern(farm.output).start if farm.output is not None else ""
    above, slash, _ = start.rpartition("/")
    return Path(os.path.realpath(folder / (above or slash)))


def _too_many(farm: Farm, files: int) -> Iterator[Diagnostic]:
    count = files * math.prod(len(values) for values in farm.matrix.values())
    if count > MOST_JOBS:
        yield farm.diagnostic("IK-FARM-003", f"{count} jobs are more than {MOST_JOBS}", ("matrix",))


def _cells(farm: Farm, images: Iterable[Found], specs: Iterable[Found]) -> Iterator[Cell]:
    rows = [dict(zip(farm.matrix, row, strict=True)) for row in itertools.product(*farm.matrix.values())]
    for image, spec, row in itertools.product(images, specs, rows):
        yield Cell(image, spec, row)


def _jobs(farm: Farm, cells: Iterable[Cell], folder: Folder) -> Iterator[Job]:
    """Yield the job of each cell; ids that several would have get a mark that stays when the farm grows."""
    pattern = read_pattern(usual_pattern(farm.matrix) if farm.output is None else farm.output)
    named = [(cell, cell.id) for cell in cells]
    times = Counter(name for _, name in named)
    for cell, name in named:
        yield Job(
            id=name if times[name] == 1 else f"{name}~{cell.mark}",
            image=cell.image.path,
            spec=cell.spec.path,
            values=dict(cell.values),
            output=folder.absolute(pattern.fill(cell.names)),
        )
