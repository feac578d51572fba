"""Run what a user would run, in turn, with a limit on its time, and measure until the result is on the disk."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.ratios import Result

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

LONGEST = 1800.0
"""Seconds after which a command is taken to hang."""

Argv = list[str]


@dataclass(frozen=True)
class Contender:
    """One way to do a job.

    Attributes:
        name: as tables call it.
        commands: for the path of the image to make, the commands that make it, one after the other.
        environment: what they run with.
        reference: the others are compared with it.
    """

    name: str
    commands: Callable[[Path], list[Argv]]
    environment: Mapping[str, str]
    reference: bool = False


def say(text: str) -> None:
    """Progress goes to stderr; stdout is for the result."""
    print(text, file=sys.stderr, flush=True)


def run(argv: Argv, environment: Mapping[str, str], *, longest: float = LONGEST) -> str:
    """Run one command and return what it said; end the program if it fails, and the command if it hangs."""
    # Into a file and not a pipe: what a command leaves running in the background is not waited for.
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            argv, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )
        try:
            process.wait(longest)
        except subprocess.TimeoutExpired:
            sys.exit(f"{' '.join(argv[:3])} took longer than {longest:.0f} s, and was ended")
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        output.seek(0)
        said = output.read().decode(errors="replace")
    if process.returncode:
        sys.exit(f"{' '.join(argv)} failed with status {process.returncode}:\n{said[-4000:]}")
    return said


def flush(path: Path, environment: Mapping[str, str]) -> None:
    """Have the file system that a path is on written to the disk, as sync(1) -f does."""
    run(["sync", "-f", str(path)], environment)


def clear(*images: Path) -> None:
    """Remove images of an earlier run and their receipts, and let the disk settle, so that nobody pays for it."""
    for image in images:
        for left in image.parent.glob(f"{image.name}*"):
            left.unlink()
    flush(images[0].parent, os.environ)


def measure(contender: Contender, image: Path) -> float:
    """Make one image from nothing and return the seconds until it is on the disk."""
    clear(image)
    started = time.monotonic()
    for argv in contender.commands(image):
        run(argv, contender.environment)
    flush(image.parent, contender.environment)
    return time.monotonic() - started


def measure_farm(contender: Contender, images: Sequence[Path], workers: int) -> float:
    """Make several images, some at a time, and return the seconds per image."""
    clear(*images)

    def make(image: Path) -> None:
        for argv in contender.commands(image):
            run(argv, contender.environment)

    started = time.monotonic()
    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(make, images))
    flush(images[0].parent, contender.environment)
    return (time.monotonic() - started) / len(images)


def in_turn(
    section: str,
    case: str,
    contenders: Sequence[Contender],
    rounds: int,
    once: Callable[[Contender], float],
) -> list[Result]:
    """Let each contender do it once a round, so that a machine that slows down slows all."""
    seconds: dict[str, list[float]] = {each.name: [] for each in contenders}
    for number in range(1, rounds + 1):
        for each in contenders:
            seconds[each.name].append(once(each))
            where = f"{section}{f' ({case})' if case else ''}"
            say(f"{where} round {number} of {rounds}: {each.name}: {seconds[each.name][-1]:.2f} s")
    return [Result(section, case, each.name, tuple(seconds[each.name]), each.reference) for each in contenders]
