"""Farms of small images: ``imagekit batch`` as a user would run it, and what it is held against."""

from __future__ import annotations

import os
import shutil
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.contenders import write_spec
from benchmarks.running import Contender, flush, run

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

COUNTS = (1, 4, 16, 64)
WORKERS = 2


@dataclass(frozen=True)
class Batch(Contender):
    """One way to make so many images: a loop over the commands, or one command for all."""

    count: int = 1
    at_once: bool = False


@dataclass(frozen=True)
class Farms:
    """Farms over copies of one base.

    Attributes:
        work: the folder for what is made.
        program: imagekit.
        spec: what is done to each image.
        base: the small image.
    """

    work: Path
    program: str
    spec: Path
    base: Path

    def against(self, loop: Contender, count: int) -> list[Batch]:
        """Return a shell loop over the peers as the reference, and imagekit with one worker and with two."""
        name = f"a loop over {loop.name}"
        return [
            Batch(name, loop.commands, loop.environment, reference=True, count=count),
            self._ours("imagekit batch, one worker", count, 1),
            self._ours("imagekit batch, two workers", count, 2),
        ]

    def growing(self, counts: Sequence[int]) -> list[Batch]:
        """Return farms of ever more images; the first is the reference."""
        return [self._ours(f"a farm of {count}", count, WORKERS, reference=count == counts[0]) for count in counts]

    def each(self, contender: Contender) -> float:
        """Make all images of a contender from nothing and return the seconds for each."""
        assert isinstance(contender, Batch)
        folder = self._folder(contender.count)
        started = time.monotonic()
        for number in [0] if contender.at_once else range(contender.count):
            for argv in contender.commands(folder / "out" / f"{number:02}.img"):
                run(argv, contender.environment)
        flush(folder, contender.environment)
        taken = time.monotonic() - started
        made = len(list((folder / "out").glob("*.img")))
        assert made == contender.count, f"{contender.name} made {made} images of {contender.count}"
        shutil.rmtree(folder)
        return taken / contender.count

    def _ours(self, name: str, count: int, workers: int, *, reference: bool = False) -> Batch:
        argv = [self.program, "batch", str(self.work / "farm" / "farm.yaml"), "--jobs", str(workers)]
        return Batch(name, lambda _: [argv], os.environ, reference, count, at_once=True)

    def _folder(self, count: int) -> Path:
        """Make a folder with so many bases, a file each, and a farm of them; a copy of nothing but data takes no time."""
        folder = self.work / "farm"
        shutil.rmtree(folder, ignore_errors=True)
        (folder / "out").mkdir(parents=True)
        for number in range(count):
            run(["cp", "--sparse=always", str(self.base), str(folder / f"{number:02}.img")], os.environ)
        farm = {"images": ["*.img"], "specs": [str(self.spec)], "output": "out/{image}.img"}
        write_spec(farm, folder / "farm.yaml")
        flush(folder, os.environ)
        return folder
