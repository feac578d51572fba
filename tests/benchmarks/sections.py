"""The sections of the benchmark: what each measures, and how often at the most."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from benchmarks import batches, images
from benchmarks.contenders import (
    Imagekit,
    files_spec,
    job_spec,
    ours,
    peer_of_files,
    peers,
    receipt_of,
    write_spec,
)
from benchmarks.running import Contender, in_turn, measure, measure_farm

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from benchmarks.ratios import Result

FARM, WORKERS = 8, 2
SIZES = {"2 GiB": 2 * images.GIB, "8 GiB": 8 * images.GIB}
STEPS = (1, 10, 50, 200)


@dataclass(frozen=True)
class Bench:
    """What every section needs: the base, a folder for what is made, imagekit, and the peers' environment.

    ``warm`` tells whether imagekit's appliance starts warm here.
    """

    base: Path
    work: Path
    tool: Imagekit
    environment: Mapping[str, str]
    warm: bool

    @property
    def image(self) -> Path:
        """Where images are made, one after the other."""
        return self.work / "out.qcow2"

    @property
    def password(self) -> Path:
        """The file that holds the password."""
        return self.work / "password"

    @property
    def name(self) -> str:
        """imagekit as tables call it."""
        return "imagekit, warm" if self.warm else "imagekit"

    def spec(self) -> Path:
        """Write the spec of the job and return its path."""
        return write_spec(job_spec(self.tool.kinds, self.password), self.work / "job.yaml")

    def both(self, base: Path, *, cold: bool = False) -> list[Contender]:
        """Return the peers and imagekit on a base, and imagekit cold if asked."""
        spec = self.spec()
        found = [peers(base, self.password, self.environment), ours(self.tool, base, spec, name=self.name)]
        if cold and self.warm and self.tool.cold:
            found.append(ours(self.tool, base, spec, name="imagekit, cold", cold=True))
        return found


def single(bench: Bench, rounds: int) -> list[Result]:
    """Measure the job on one image."""
    images.require_room(bench.work, 2 * bench.base.stat().st_size, "one image")
    return in_turn("single", "", bench.both(bench.base, cold=True), rounds, lambda each: measure(each, bench.image))


def launch(bench: Bench, rounds: int) -> list[Result]:
    """Measure the start of a session, as the receipts have it."""
    spec = write_spec(files_spec(1), bench.work / "launch.yaml")
    found = [ours(bench.tool, bench.base, spec, name="warm" if bench.warm else "as it is")]
    if bench.warm and bench.tool.cold:
        cold = ours(bench.tool, bench.base, spec, name="cold", cold=True)
        found.insert(0, Contender(cold.name, cold.commands, cold.environment, reference=True))

    def seconds(contender: Contender) -> float:
        measure(contender, bench.image)
        receipt = json.loads(receipt_of(bench.image).read_text(encoding="utf-8"))
        return float(receipt["appliance"]["launch_seconds"])

    return in_turn("launch", "", found, rounds, seconds)


def farm(bench: Bench, rounds: int) -> list[Result]:
    """Measure the job on several images, two at a time, per image; the peers also as a loop over images runs them."""
    images.require_room(bench.work, 2 * FARM * bench.base.stat().st_size, f"{FARM} images")
    targets = [bench.work / f"out-{number}.qcow2" for number in range(FARM)]
    theirs, our = bench.both(bench.base)
    loop = replace(theirs, name=f"{theirs.name}, one at a time")
    turns = in_turn(
        "farm",
        "",
        [theirs, our, loop],
        rounds,
        lambda each: measure(each, bench.image) if each is loop else measure_farm(each, targets, WORKERS),
    )
    pair, ours_, alone = turns
    case = "against a loop"
    return [pair, ours_, replace(alone, case=case, reference=True), replace(ours_, case=case)]


def batch(bench: Bench, rounds: int, few: int = 4, counts: Sequence[int] = batches.COUNTS) -> list[Result]:
    """Measure a farm of small images: one and two at a time against a loop of the peers, and how it grows."""
    spec = write_spec(
        job_spec((), bench.password), bench.work / "small.yaml"
    )  # kinds that a phony guest has no use for
    farms = batches.Farms(bench.work, bench.tool.program, spec, images.small())
    loop = peers(farms.base, None, bench.environment)
    results = in_turn("batch", f"{few} images", farms.against(loop, few), rounds, farms.each)
    return results + in_turn("batch", "as images get more", farms.growing(counts), rounds, farms.each)


def size(bench: Bench, rounds: int) -> list[Result]:
    """Measure the job against how much data is in the image."""
    results = _sized(bench, "0.6 GiB", bench.base, rounds)
    for case, bytes_ in SIZES.items():
        base = images.filled(bench.base, bytes_)
        try:
            results += _sized(bench, case, base, rounds)
        finally:
            images.drop_if_large(base)
            for left in bench.work.glob("out*"):
                left.unlink()
    return results


def _sized(bench: Bench, case: str, base: Path, rounds: int) -> list[Result]:
    images.require_room(bench.work, 2 * base.stat().st_size, f"an image with {case}")
    return in_turn("size", f"{case} of data", bench.both(base), rounds, lambda each: measure(each, bench.image))


def steps(bench: Bench, rounds: int) -> list[Result]:
    """Measure against the number of steps, each of which writes one file."""
    results: list[Result] = []
    for count in STEPS:
        spec = write_spec(files_spec(count), bench.work / f"steps-{count}.yaml")
        found = [
            peer_of_files(bench.base, count, bench.environment),
            ours(bench.tool, bench.base, spec, name=bench.name),
        ]
        case = f"{count} step{'' if count == 1 else 's'}"
        results += in_turn("steps", case, found, rounds, lambda each: measure(each, bench.image))
    return results


def help_(bench: Bench, rounds: int) -> list[Result]:
    """Measure how long a user waits for ``--help``."""
    found = [
        Contender("virt-customize", lambda _: [["virt-customize", "--help"]], os.environ, reference=True),
        Contender("imagekit", lambda _: [[bench.tool.program, "--help"]], os.environ),
    ]
    return in_turn("help", "", found, rounds, lambda each: measure(each, bench.image))


@dataclass(frozen=True)
class Section:
    """One section: what measures it, and how many rounds are enough where one takes minutes."""

    measure: Callable[[Bench, int], list[Result]]
    most_rounds: int


SECTIONS: Mapping[str, Section] = {
    "single": Section(single, 100),
    "launch": Section(launch, 100),
    "steps": Section(steps, 2),
    "farm": Section(farm, 2),
    "batch": Section(batch, 1),
    "size": Section(size, 2),
    "help": Section(help_, 100),
}
