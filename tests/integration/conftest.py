"""Real images, a witness that reads them without the product, and boots of throw-away clones.

``read_image``, ``look_at_image``, ``first_boot`` and ``boot_again`` are functions behind fixtures of the same names.
"""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

import pytest

from imagekit.vm.boot import BootResult, boot
from imagekit.vm.machine import Drive, Machine
from imagekit.vm.probe import SCRIPT, SCRIPT_PATH, UNIT, UNIT_PATH, WANTS_PATH

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

FIXTURES = Path(__file__).parents[2] / "fixtures"
GUESTFS_PYTHON = "/usr/bin/python3"
BOOT_SECONDS = 600.0  # eight times what an idle host needs by emulation
MAC, UUID = "52:54:00:00:00:01", "0a000000-0000-4000-8000-000000000001"


@dataclass(frozen=True, slots=True)
class Seen:
    """What the witness saw at a path; a link has its target's content."""

    kind: Literal["file", "directory", "symlink", "other"]
    mode: int
    uid: int
    gid: int
    content: bytes | None
    target: str | None


@dataclass(frozen=True, slots=True)
class Booted:
    """A clone that was booted: its disk, to be read offline, and how the boot went."""

    disk: Path
    machine: Machine
    result: BootResult


class FirstBoot(Protocol):
    def __call__(
        self,
        image: Path,
        workdir: Path,
        *,
        name: str = ...,
        seed: Path | None = ...,
        mac: str = ...,
        uuid: str = ...,
        planted: bool = ...,
    ) -> Booted: ...


def _built(name: str) -> Path:
    """Return a fixture's path; the script builds what is missing, one process at a time."""
    argv = [sys.executable, str(FIXTURES / "build_image.py"), name]
    return Path(subprocess.run(argv, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()[-1])


@pytest.fixture(scope="session")
def debian_12() -> Path:
    """Debian 12 with cloud-init, as if installed and booted once. Shared: never write to it."""
    return _built("debian-12")


@pytest.fixture(scope="session")
def debian_12_nocloud() -> Path:
    """Debian 12 without cloud-init. Shared: never write to it."""
    return _built("debian-12-nocloud")


@pytest.fixture(scope="session")
def debian_13() -> Path:
    """Debian 13 with cloud-init, as if installed and booted once. Shared: never write to it."""
    return _built("debian-13")


@pytest.fixture(scope="session")
def tools() -> Path:
    """Debian 13 with dnf, zypper, pacman, dracut, System V init and SELinux's tools; it does not boot. Never write to it."""
    return _built("tools")


@pytest.fixture(scope="session")
def tools_openrc() -> Path:
    """Debian 13 with OpenRC; it does not boot. Shared: never write to it."""
    return _built("tools-openrc")


@dataclass(frozen=True, slots=True)
class LayoutImage:
    """A small image without a kernel, and what its maker knows of it; see ``fixtures/layouts.py``.

    ``mounts`` is {mount point: where guestfs finds it if this is the only drive}, ``key`` {device: passphrase}.
    """

    path: Path
    systems: int
    mounts: dict[str, str]
    fstab: list[str]
    key: dict[str, str]


@pytest.fixture(scope="session")
def layouts() -> dict[str, LayoutImage]:
    """Every layout that this host's appliance can make, by name. Shared: never write to them."""
    folder = _built("layouts")
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return {name: LayoutImage(folder / what.pop("image"), **what) for name, what in manifest.items()}


def _format(image: Path) -> str:
    with image.open("rb") as opened:
        return "qcow2" if opened.read(4) == b"QFI\xfb" else "raw"


def _witness(jobs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    argv = [GUESTFS_PYTHON, str(FIXTURES / "witness.py")]
    asked = json.dumps({"images": jobs})
    done = subprocess.run(argv, input=asked, check=True, stdout=subprocess.PIPE, text=True, timeout=600)
    return list(json.loads(done.stdout))


def _seen(answer: dict[str, Any] | None) -> Seen | None:
    if answer is None:
        return None
    content = answer.pop("content")
    return Seen(content=None if content is None else base64.b64decode(content), **answer)


def look_at_images(wanted: Mapping[Path, Iterable[str]]) -> list[dict[str, Seen | None]]:
    """Look at paths and globs of several images in one appliance, read-only, without the product."""
    jobs = [{"path": str(path), "format": _format(path), "look": list(paths)} for path, paths in wanted.items()]
    return [{path: _seen(answer) for path, answer in answers.items()} for answers in _witness(jobs)]


def _read_images(wanted: Mapping[Path, Iterable[str]]) -> list[dict[str, bytes | None]]:
    seen = look_at_images(wanted)
    return [{path: what.content if what else None for path, what in image.items()} for image in seen]


@pytest.fixture(scope="session")
def look_at_image() -> Callable[[Path, Iterable[str]], dict[str, Seen | None]]:
    """``look_at_image(path, paths) -> {path: Seen | None}``; a path with * stands for all that it matches."""
    return lambda image, paths: look_at_images({image: paths})[0]


@pytest.fixture(scope="session", name="look_at_images")
def _look_at_images() -> Callable[[Mapping[Path, Iterable[str]]], list[dict[str, Seen | None]]]:
    """As ``look_at_image`` for several images in one appliance: ``look_at_images({a: paths, b: paths})``."""
    return look_at_images


@pytest.fixture(scope="session")
def read_image() -> Callable[[Path, Iterable[str]], dict[str, bytes | None]]:
    """``read_image(path, paths) -> {path: bytes | None}``; a path with * stands for all that it matches."""
    return lambda image, paths: _read_images({image: paths})[0]


@pytest.fixture(scope="session")
def read_images() -> Callable[[Mapping[Path, Iterable[str]]], list[dict[str, bytes | None]]]:
    """As ``read_image`` for several images in one appliance: ``read_images({a: paths, b: paths})``."""
    return _read_images


def _overlay(image: Path, overlay: Path) -> Path:
    argv = ["qemu-img", "create", "-q", "-f", "qcow2", "-F", _format(image), "-b", str(image.resolve()), str(overlay)]
    subprocess.run(argv, check=True)
    return overlay


def _plant_probe(image: Path, workdir: Path) -> Path:
    """Return an overlay over the image that has the probe in it; clones may be made of that."""
    overlay = _overlay(image, workdir / f"{image.stem}.planted.qcow2")
    files = {SCRIPT_PATH: (SCRIPT, 0o755), UNIT_PATH: (UNIT, 0o644)}
    items: list[dict[str, Any]] = [
        {"path": path, "content": base64.b64encode(text.encode()).decode(), "mode": mode}
        for path, (text, mode) in files.items()
    ]
    items.append({"path": WANTS_PATH, "target": UNIT_PATH})
    _witness([{"path": str(overlay), "format": "qcow2", "plant": items}])
    return overlay


def _first_boot(
    image: Path,
    workdir: Path,
    *,
    name: str = "clone",
    seed: Path | None = None,
    mac: str = MAC,
    uuid: str = UUID,
    planted: bool = False,
) -> Booted:
    base = image if planted else _plant_probe(image, workdir)
    disk = _overlay(base, workdir / f"{name}.qcow2")
    seeds = (Drive(seed, "raw", read_only=True),) if seed else ()
    machine = Machine(drives=(Drive(disk, "qcow2"), *seeds), mac=mac, uuid=uuid, serial=name)
    return _boot(disk, machine)


def _boot(disk: Path, machine: Machine) -> Booted:
    result = boot(machine, deadline=BOOT_SECONDS)
    disk.with_suffix(".serial.log").write_text(result.serial, encoding="utf-8")
    return Booted(disk, machine, result)


@pytest.fixture(scope="session")
def plant_probe() -> Callable[[Path, Path], Path]:
    """``plant_probe(image, workdir)``: an overlay with the probe, the base for many ``first_boot(…, planted=True)``."""
    return _plant_probe


@pytest.fixture(scope="session")
def first_boot() -> FirstBoot:
    """Boot a fresh clone until its probe has reported and powered it off. The image is not touched.

    ``first_boot(image, workdir, name="clone", seed=None, mac=…, uuid=…, planted=False) -> Booted``. Give each clone a
    name, a MAC and a UUID of its own. The serial log stands beside the disk: ``<name>.serial.log``.
    """
    return _first_boot


@pytest.fixture(scope="session")
def boot_again() -> Callable[[Booted], Booted]:
    """Boot the same disk of the same machine once more."""
    return lambda booted: _boot(booted.disk, booted.machine)
