"""The images that are measured on: the fixture, and the same filled with more data, built once and kept beside it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from benchmarks.running import run, say
from build_image import HERE as FIXTURES, cache_folder, digest, kept

GIB = 1 << 30
PIECE = 256 << 20
"""Bytes of each file that an image is filled with; their copies are as hard to compress as the first."""
MOST_KEPT = 4 * GIB
"""Larger images are removed after they were measured."""
_PYTHON = "/usr/bin/python3"


def fixture() -> Path:
    """Return the real Debian 12 of the tests; it is built if it is not there."""
    argv = [sys.executable, str(FIXTURES / "build_image.py"), "debian-12"]
    return Path(subprocess.run(argv, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()[-1])


def small() -> Path:
    """Return a phony Debian of a few MiB on two file systems, of those that tests make; it is built if it is not there."""
    argv = [sys.executable, str(FIXTURES / "build_image.py"), "layouts"]
    folder = subprocess.run(argv, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()[-1]
    return Path(folder) / "by-label.img"


def require_room(folder: Path, size: int, what: str) -> None:
    """End the program if a folder's file system has not so many bytes free, and a GiB to spare."""
    free = shutil.disk_usage(folder).free
    if free < size + GIB:
        sys.exit(f"{what} needs {size / GIB + 1:.1f} GiB in {folder}, which has {free / GIB:.1f} GiB free")


def filled(base: Path, size: int) -> Path:
    """Return the base with incompressible files in it, until about ``size`` bytes of data."""
    count = max(1, round((size - base.stat().st_size) / PIECE))
    script = Path(__file__).with_name("fill_part.py")
    name = f"bench-{size // GIB}g-{digest(f'{base.name} {count} {PIECE}', [str(script)])}.qcow2"
    cache = cache_folder().resolve()

    def make(work: Path) -> Path:
        require_room(cache, size + PIECE, f"an image of {size / GIB:.0f} GiB")
        say(f"making an image of {size / GIB:.0f} GiB (minutes, by emulation)")
        random, image = work / "random", work / name
        _random_file(random, PIECE)
        shutil.copyfile(base, image)
        run(["qemu-img", "resize", "-q", str(image), f"+{count * PIECE + GIB // 2}"], os.environ)
        run([_PYTHON, str(script), str(image), str(random), str(count)], {**os.environ, "PYTHONPATH": str(FIXTURES)})
        return image

    return kept(cache, name, make)


def drop_if_large(image: Path) -> None:
    """Remove an image that is too large to be kept."""
    if image.stat().st_size > MOST_KEPT:
        say(f"removing {image.name}")
        image.unlink()


def _random_file(path: Path, size: int) -> None:
    with path.open("wb") as opened:
        for _ in range(size >> 20):
            opened.write(os.urandom(1 << 20))
