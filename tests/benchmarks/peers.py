"""imagekit against libguestfs' own tools: the same job on the same image, each as a user would run it.

    make bench
    .venv/bin/python tests/benchmarks/peers.py --rounds 5 --json ratios.json

Every contender starts from the untouched base and ends with a new image. Rounds alternate, so that a machine that
slows down slows all. A ratio above 1 means that imagekit was faster. What the peers do not do counts against us:
imagekit also checks the base without trust, compares file systems before it publishes, hashes both images and writes
a receipt. All use the accelerator that imagekit found to work.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
SPEC = """\
version: 1
transforms:
  - hostname: web-template
  - write-files: [{path: /etc/motd, content: "welcome\\n"}]
  - ssh-host-keys
  - machine-id
"""
CONTENT = ["--hostname", "web-template", "--write", "/etc/motd:welcome\n"]
IDENTITY = ["--operations", "ssh-hostkeys,machine-id"]
IMAGEKIT = "imagekit customize"


@dataclass
class Contender:
    """One way to do the job: commands that are run one after the other."""

    name: str
    commands: list[list[str]]
    seconds: list[float] = field(default_factory=list)


def contenders(base: Path, work: Path) -> list[Contender]:
    """Return the ways to do the job; each makes ``out.qcow2`` in the working folder."""
    spec, out = work / "spec.yaml", str(work / "out.qcow2")
    spec.write_text(SPEC, encoding="utf-8")
    imagekit = str(Path(sys.executable).with_name("imagekit"))
    copy = ["cp", "--sparse=always", str(base), out]
    quiet = ["--quiet", "--no-network", "-a", out]
    sysprep = ["virt-sysprep", *quiet, *IDENTITY]
    return [
        Contender(IMAGEKIT, [[imagekit, "customize", str(base), str(spec), "-o", out]]),
        Contender("cp, virt-customize, virt-sysprep", [copy, ["virt-customize", *quiet, *CONTENT], sysprep]),
        Contender("cp, virt-sysprep alone", [copy, ["virt-sysprep", *quiet, "--operations", "defaults", *CONTENT]]),
        Contender("cp, virt-customize, ids stay", [copy, ["virt-customize", *quiet, *CONTENT]]),
    ]


def run(contender: Contender, work: Path, environment: dict[str, str]) -> float:
    """Do the job once, from nothing, and return its seconds."""
    for left in work.glob("out.qcow2*"):
        left.unlink()
    started = time.monotonic()
    for argv in contender.commands:
        done = subprocess.run(argv, env=environment, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if done.returncode:
            sys.exit(f"{' '.join(argv)} failed:\n{done.stdout.decode(errors='replace')}")
    return time.monotonic() - started


def warm_up(ours: Contender, work: Path) -> dict[str, str]:
    """Build the appliance's cache, find out about KVM, and return the environment that gives peers the same."""
    print("warming up: the appliance is built once, and KVM tried once", file=sys.stderr)
    run(ours, work, dict(os.environ))
    receipt = json.loads((work / "out.qcow2.receipt.json").read_text())
    settings = "force_tcg" if receipt["appliance"]["accelerator"] == "tcg" else ""
    return {**os.environ, "LIBGUESTFS_BACKEND": "direct", "LIBGUESTFS_BACKEND_SETTINGS": settings}


def report(found: list[Contender]) -> list[dict[str, object]]:
    """Return, for each contender, its seconds and how many times as long as imagekit it took."""
    ours = statistics.median(found[0].seconds)
    return [
        {
            "contender": each.name,
            "min": round(min(each.seconds), 2),
            "median": round(statistics.median(each.seconds), 2),
            "max": round(max(each.seconds), 2),
            "ratio": round(statistics.median(each.seconds) / ours, 2),
        }
        for each in found
    ]


def main() -> None:
    """Run the rounds and print the ratios."""
    parser = argparse.ArgumentParser(description="Measure imagekit against virt-customize and virt-sysprep.")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path, help="also write the numbers there")
    asked = parser.parse_args()
    missing = [tool for tool in ("virt-customize", "virt-sysprep") if not shutil.which(tool)]
    if missing:
        sys.exit(f"{' and '.join(missing)} not installed: make setup")
    build = [sys.executable, str(ROOT / "fixtures" / "build_image.py"), "debian-12"]
    base = Path(subprocess.run(build, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()[-1])
    with tempfile.TemporaryDirectory(prefix="imagekit-bench-", dir=os.environ.get("TMPDIR", "/var/tmp")) as folder:
        work = Path(folder)
        found = contenders(base, work)
        environment = warm_up(found[0], work)
        for number in range(asked.rounds):
            for each in found:
                each.seconds.append(run(each, work, environment))
                print(f"round {number + 1}: {each.name}: {each.seconds[-1]:.1f} s", file=sys.stderr)
    rows = report(found)
    print(f"{'contender':<34} {'min':>8} {'median':>8} {'max':>8} {'ratio':>7}")
    for row in rows:
        print(f"{row['contender']:<34} {row['min']:>8} {row['median']:>8} {row['max']:>8} {row['ratio']:>7}")
    if asked.json:
        asked.json.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
