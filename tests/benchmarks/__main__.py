"""imagekit against libguestfs' own tools, on the same image and machine, each as a user would run it.

    make bench
    make bench ONLY=single,launch ROUNDS=1 JSON=bench.json
    make bench README=bench.json                  # measures nothing: writes that table into the README

Contenders take turns, and ratios are made round by round, so that a machine that slows down slows both sides of each.
A ratio is imagekit's time divided by the peers': below 1 is faster. Time ends when the result is on the disk. See
``contenders`` for the job, and for what either side does not do. The image is built, the appliance is warmed up and
KVM is tried before anything is measured.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from pathlib import Path

from benchmarks import images, tables
from benchmarks.contenders import (
    files_spec,
    find_imagekit,
    ours,
    peers_environment,
    require_peers,
    warm_up,
    write_spec,
)
from benchmarks.machine import describe
from benchmarks.running import say
from benchmarks.sections import SECTIONS, Bench

README = Path(__file__).parents[2] / "README.md"


def sections(text: str) -> list[str]:
    """Return the sections that are named, in the order in which they run."""
    asked = [name for name in text.replace(",", " ").split() if name]
    unknown = [name for name in asked if name not in SECTIONS]
    if unknown:
        raise argparse.ArgumentTypeError(f"no section is named {', '.join(unknown)}; there are {', '.join(SECTIONS)}")
    return [name for name in SECTIONS if name in asked or not asked]


def positive(text: str) -> int:
    """Return a number of rounds."""
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError("at least one round")
    return int(text)


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="make bench", description="Measure imagekit against libguestfs' own tools.")
    parser.add_argument("--only", type=sections, default=list(SECTIONS), help=f"some of {', '.join(SECTIONS)}")
    parser.add_argument("--rounds", type=positive, default=5, help="dear sections take fewer")
    parser.add_argument("--json", type=Path, help="also write everything there")
    parser.add_argument("--readme", type=Path, metavar="JSON", help="measure nothing; write the README's table from it")
    return parser.parse_args()


def write_readme(measured: Path) -> None:
    """Write the table of a JSON file into the README."""
    table = tables.markdown_table(json.loads(measured.read_text(encoding="utf-8")))
    README.write_text(tables.between_markers(README.read_text(encoding="utf-8"), table), encoding="utf-8")
    say(f"wrote the table of {measured} into {README.name}")


def measure(asked: argparse.Namespace, work: Path) -> None:
    """Measure what is asked for and print it."""
    require_peers()
    base, tool = images.fixture(), find_imagekit()
    warming = ours(tool, base, write_spec(files_spec(1), work / "warming.yaml"), name="imagekit")
    receipt = warm_up(warming, work / "out.qcow2")
    bench = Bench(base, work, tool, peers_environment(receipt), warm=bool(receipt["appliance"]["warm"]))
    bench.password.write_text("bench-only\n", encoding="utf-8")
    machine, results, began = describe(base, receipt), [], time.monotonic()
    for name in asked.only:
        section = SECTIONS[name]
        results += section.measure(bench, min(asked.rounds, section.most_rounds))
        if asked.json:  # whatever happens to the next section
            text = json.dumps(tables.document(results, machine, asked.rounds), indent=2)
            asked.json.write_text(f"{text}\n", encoding="utf-8")
    print(tables.text_table(results))
    print()
    if told := tables.throughput(results):
        print(f"{told}\n")
    print("\n".join(f"{key}: {value}" for key, value in machine.items()))
    say(f"measured for {(time.monotonic() - began) / 60:.1f} min")


def main() -> None:
    """Measure, or write what was measured into the README."""
    asked = arguments()
    os.environ.pop("PYTHONPATH", None)  # it led here, and is nothing for who is measured
    if asked.readme:
        write_readme(asked.readme)
        return
    with tempfile.TemporaryDirectory(prefix="imagekit-bench-", dir=os.environ.get("TMPDIR", "/var/tmp")) as folder:
        measure(asked, Path(folder))


if __name__ == "__main__":
    main()
