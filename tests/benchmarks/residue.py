"""What stays of the identities of a guest that has lived: after virt-sysprep, and after imagekit's generalize.

    make residue                  # prints the table
    make residue README=yes       # writes it into the README

Every item of ``fixtures/planted.yaml`` that a Debian may have is planted in the real Debian 12, each with canaries of
its own, by guestfish. A copy is prepared by ``virt-sysprep`` as it is, other copies by ``generalize`` as it is and by
``generalize`` with what is off by default. Then the files of each result are searched for the canaries by guestfish in
an overlay, and so are the bytes of its whole disk, free space included. Both searches must find every item in what was
planted, or the program ends: it could find nothing else either.
"""

from __future__ import annotations

import argparse
import json
import mmap
import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.contenders import files_spec, find_imagekit, ours, peers_environment, require_peers, warm_up, write_spec
from benchmarks.images import fixture
from benchmarks.running import run, say
from benchmarks.tables import between_markers

from imagekit.identity.catalogue import load_catalogue
from imagekit.testing.planted import Planting, canaries, read_planting

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

README = Path(__file__).parents[2] / "README.md"
FAMILY = "debian"
PROGRAMS = 0o755


@dataclass(frozen=True, slots=True)
class Residue:
    """What was found in one image: ids of the items of which a canary is in a file, and in any byte of the disk."""

    name: str
    files: frozenset[str]
    disk: frozenset[str]


def marks(planting: Planting, items: Sequence[str]) -> dict[str, tuple[bytes, ...]]:
    """Return the canaries that are in the files of each item."""
    found = {}
    for item in items:
        texts = [str(file.content) for file in planting.files(item).values()]
        found[item] = tuple(each.encode() for each in canaries(item) if any(each in text for text in texts))
    return found


def plant(base: Path, image: Path, planting: Planting, items: Sequence[str], environment: Mapping[str, str]) -> None:
    """Copy the base and put the items into the copy, with the person and the programs that resets look at."""
    run(["cp", "--sparse=always", str(base), str(image)], environment)
    folder = image.parent
    tar, line = folder / "planted.tar", folder / "passwd"
    planting.write_tar(tar, items)
    line.write_text(planting.person.line, encoding="utf-8")
    programs = [
        word
        for item in items
        for path, content in planting.items[item].needs.items()
        for word in (
            "upload",
            str(_program(folder, content)),
            path,
            ":",
            "chmod",
            oct(PROGRAMS).replace("o", ""),
            path,
            ":",
        )
    ]
    folders = {str(Path(path).parent) for item in items for path in planting.items[item].needs}
    made = [word for each in sorted(folders) for word in ("mkdir-p", each, ":")]
    run(
        [
            *("guestfish", "--rw", "--format=qcow2", "-a", str(image), "-i"),
            *("tar-in", str(tar), "/", ":"),
            *("copy-in", str(line), "/tmp", ":"),
            *("sh", "cat /tmp/passwd >> /etc/passwd && rm /tmp/passwd", ":"),
            *made,
            *programs,
            "sync",
        ],
        environment,
    )


def _program(folder: Path, content: str) -> Path:
    path = folder / "program"
    path.write_text(content or "#!/bin/sh\n", encoding="utf-8")
    return path


def in_files(image: Path, found: Mapping[str, tuple[bytes, ...]], environment: Mapping[str, str]) -> frozenset[str]:
    """Return the items of which a canary is in a file or in a file's name, searched by the guest's own grep and find."""
    patterns, overlay = image.parent / "canaries", image.with_suffix(".overlay")
    patterns.write_bytes(b"".join(mark + b"\n" for each in found.values() for mark in each))
    run(["qemu-img", "create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", str(image), str(overlay)], environment)
    search = (
        "cd / && { grep -raohF -f /run/canaries bin boot etc home lib media mnt opt root sbin srv tmp usr var;"
        " find / -xdev -name '*canary-*'; } 2>/dev/null | sort -u; true"
    )
    guestfish = ["guestfish", "--rw", "--format=qcow2", "-a", str(overlay), "-i"]
    try:
        said = run([*guestfish, "upload", str(patterns), "/run/canaries", ":", "sh", search], environment).encode()
    finally:
        overlay.unlink()
    return frozenset(item for item, each in found.items() if any(mark in said for mark in each))


def on_disk(image: Path, found: Mapping[str, tuple[bytes, ...]], environment: Mapping[str, str]) -> frozenset[str]:
    """Return the items of which a canary is anywhere on the disk."""
    raw = image.with_suffix(".raw")
    run(["qemu-img", "convert", "-f", "qcow2", "-O", "raw", str(image), str(raw)], environment)
    try:
        with raw.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as disk:
            return frozenset(item for item, each in found.items() if any(disk.find(mark) >= 0 for mark in each))
    finally:
        raw.unlink()


def prepared(planted: Path, image: Path, argvs: Sequence[list[str]], environment: Mapping[str, str]) -> Path:
    """Make an image by some commands."""
    say(f"preparing {image.stem}")
    image.unlink(missing_ok=True)
    for argv in argvs:
        run(argv, environment)
    return image


def table(items: Sequence[str], on: frozenset[str], residues: Sequence[Residue]) -> str:
    """Return the table of the README."""
    planted, default = f"of {len(items)} identities that were planted", f"of the {len(on)} that are on by default"
    head = [
        f"| {planted} | left in files | left in the bytes of the disk | {default}: in files | in bytes |",
        "|---|--:|--:|--:|--:|",
    ]
    rows = [
        f"| {each.name} | {len(each.files)} | {len(each.disk)} | {len(each.files & on)} | {len(each.disk & on)} |"
        for each in residues
    ]
    return "\n".join([*head, *rows])


def measure(work: Path) -> tuple[str, list[Residue]]:
    """Plant, prepare, search; return the table and what was found."""
    require_peers()
    base, tool = fixture(), find_imagekit()
    warming = ours(tool, base, write_spec(files_spec(1), work / "warming.yaml"), name="imagekit")
    environment = peers_environment(warm_up(warming, work / "warming.qcow2"))
    planting = read_planting()
    items = planting.ids(FAMILY)
    found = marks(planting, items)
    planted = work / "planted.qcow2"
    say(f"planting {len(items)} identities")
    plant(base, planted, planting, items, environment)

    off = [item.id for item in load_catalogue() if not item.default]
    on = frozenset(items) - frozenset(off)
    default = write_spec({"version": 1, "transforms": ["generalize"]}, work / "default.yaml")
    every = write_spec({"version": 1, "transforms": [{"generalize": {"include": off}}]}, work / "every.yaml")
    sysprep, ours_, whole = (work / f"{name}.qcow2" for name in ("sysprep", "generalize", "generalize-all"))
    copy = ["cp", "--sparse=always", str(planted), str(sysprep)]
    images = {
        "as it was": planted,
        "virt-sysprep": prepared(
            planted, sysprep, [copy, ["virt-sysprep", "--quiet", "-a", str(sysprep)]], environment
        ),
        "imagekit, generalize": prepared(
            planted, ours_, [_customize(tool.program, planted, default, ours_)], environment
        ),
        "imagekit, generalize with all that is off by default": prepared(
            planted, whole, [_customize(tool.program, planted, every, whole)], environment
        ),
    }
    residues = []
    for name, image in images.items():
        say(f"searching: {name}")
        residues.append(Residue(name, in_files(image, found, environment), on_disk(image, found, environment)))
    before = residues[0]
    if {*items} - before.files or {*items} - before.disk:
        sys.exit(f"not found where they were planted: {', '.join(sorted({*items} - (before.files & before.disk)))}")
    return table(items, on, residues), residues


def _customize(program: str, base: Path, spec: Path, image: Path) -> list[str]:
    return [program, "customize", str(base), str(spec), "-o", str(image), "--force"]


def main() -> None:
    """Print the table, and write it into the README if that is asked for."""
    parser = argparse.ArgumentParser(prog="make residue", description="What stays of identities after preparing.")
    parser.add_argument("--readme", action="store_true", help="write the table into the README")
    parser.add_argument("--json", type=Path, help="also write what was found there")
    asked = parser.parse_args()
    os.environ.pop("PYTHONPATH", None)
    with tempfile.TemporaryDirectory(prefix="imagekit-residue-", dir=os.environ.get("TMPDIR", "/var/tmp")) as folder:
        text, residues = measure(Path(folder))
    print(text)
    if asked.json:
        document = {each.name: {"files": sorted(each.files), "disk": sorted(each.disk)} for each in residues}
        asked.json.write_text(f"{json.dumps(document, indent=1)}\n", encoding="utf-8")
    if asked.readme:
        readme = README.read_text(encoding="utf-8")
        README.write_text(between_markers(readme, text, "residue"), encoding="utf-8")


if __name__ == "__main__":
    main()
