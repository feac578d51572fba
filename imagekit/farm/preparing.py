"""From the words of a caller to the jobs of a farm, and to the places beside their outputs. Nothing is written."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from imagekit.errors import SpecError
from imagekit.farm.choosing import select, shard as share_of
from imagekit.farm.document import Farm
from imagekit.farm.jobs import expand, output_folder
from imagekit.farm.loading import load_farm

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from imagekit.engine.options import Options
    from imagekit.farm.job import Job


class VariableInMatrix(SpecError):
    """A variable was given for all jobs, although the matrix says what it is."""

    code = "IK-FARM-120"

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(
            f"--set {name}: the matrix of the farm gives this variable its values",
            fix="choose some of the jobs with --only",
        )


class SecretNotForBatch(SpecError):
    """A secret comes from a file descriptor, which the processes of jobs do not have."""

    code = "IK-FARM-121"

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(
            f"--secret {name}: a farm cannot read it from a file descriptor",
            why="each job is a process of its own, and could read it only once",
            fix=f"write --secret {name}=env:VARIABLE or {name}=file:PATH",
        )


@dataclass(frozen=True, slots=True)
class Places:
    """Where the state of a farm lies, beside its outputs.

    Attributes:
        outputs: the folder of the fixed part of their pattern.
        journal: in it; each share of a farm has its own.
        logs: the folder with a log of each job.
        document: the farm's document as seen from ``outputs``, so that both may be moved together.
    """

    outputs: Path
    journal: Path
    logs: Path
    document: str

    def log(self, job: Job) -> Path:
        """Return where the events of a job are kept."""
        return self.logs / f"{job.id}.jsonl"


@dataclass(frozen=True, slots=True)
class Prepared:
    """A farm with its jobs.

    Attributes:
        farm: the document.
        path: of the document, as the caller names it.
        places: where its state lies.
        every: all jobs of the farm, whatever was chosen of them.
        jobs: those of this share; the journal has them all.
        chosen: those that this run is to do.
    """

    farm: Farm
    path: Path
    places: Places
    every: tuple[Job, ...]
    jobs: tuple[Job, ...]
    chosen: tuple[Job, ...]

    @property
    def images(self) -> tuple[Path, ...]:
        """The images that this run is to read."""
        return tuple(job.image for job in self.chosen)


def prepare(
    farm: Farm | str | Path,
    *,
    only: Sequence[str] = (),
    shard: tuple[int, int] | None = None,
    variables: Mapping[str, str] | None = None,
) -> Prepared:
    """Read a farm and decide which jobs it has.

    Args:
        farm: its document, or a Farm, whose paths are then relative to the current folder.
        only: patterns of the ids of jobs; () for all.
        shard: (I, N): the I-th of N shares of the jobs, counted from 1.
        variables: for the specs of all jobs.

    Raises:
        FarmInvalid: the document or what it names is wrong, with every problem.
        NoSuchJob, BadShard: what was chosen is not there.
        VariableInMatrix: a variable has two meanings.
    """
    path = Path(f"{farm.name or 'farm'}.yaml") if isinstance(farm, Farm) else Path(farm)
    document = farm if isinstance(farm, Farm) else load_farm(farm)
    folder = path.absolute().parent
    for name in variables or {}:
        if name in document.matrix:
            raise VariableInMatrix(name)
    jobs = expand(document, folder)
    if variables:
        jobs = tuple(job.model_copy(update={"values": {**variables, **job.values}}) for job in jobs)
    mine = share_of(jobs, *shard) if shard else jobs
    outputs = output_folder(document, folder)
    share = f".{shard[0]}-of-{shard[1]}" if shard else ""
    places = Places(
        outputs=outputs,
        journal=outputs / f"{path.stem}{share}.journal.sqlite",
        logs=outputs / f"{path.stem}.logs",
        document=os.path.relpath(folder / path.name, outputs),
    )
    return Prepared(document, path, places, jobs, mine, select(mine, only))


def portable_secrets(secrets: Mapping[str, str]) -> dict[str, str]:
    """Return the sources of secrets as another process may read them, whatever its current folder.

    Raises:
        SecretNotForBatch: one comes from a file descriptor.
    """
    portable = {}
    for name, source in secrets.items():
        scheme, _, rest = source.partition(":")
        if scheme == "fd":
            raise SecretNotForBatch(name)
        portable[name] = f"file:{Path(rest).absolute()}" if scheme == "file" and rest else source
    return portable


def portable_options(options: Options) -> Options:
    """Return options as another process may read them, whatever its current folder."""
    folders = tuple(path.absolute() for path in options.allow_backing)
    return options.model_copy(update={"allow_backing": folders, "keys": tuple(map(_portable_key, options.keys))})


def _portable_key(key: str) -> str:
    device, file, path = key.partition("=file:")
    return f"{device}{file}{Path(path).absolute()}" if path else key
