"""What is refused before an appliance starts: by the real command, with nothing left and the base as it was."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.faults

SPEC = "version: 1\ntransforms:\n  - hostname: web-1\n"
MIB = 1 << 20
BASE_WORDS = b"nobody may read this"


def image(path: Path, *options: str, format_name: str = "qcow2", size: int = 8 * MIB) -> Path:
    subprocess.run(["qemu-img", "create", "-q", "-f", format_name, *options, path, str(size)], check=True)
    return path


@pytest.fixture
def secret(folder: Path) -> Path:
    """A file of the host that no image may bring in."""
    path = folder / "secret"
    path.write_bytes(BASE_WORDS.ljust(MIB))
    return path


@pytest.fixture
def sound(folder: Path) -> Path:
    return image(folder / "sound.qcow2")


def test_a_wrong_spec_is_the_authors_to_mend(start, sound):
    build = start("version: 1\ntransforms:\n  - hostnam: web-1\n  - hostname: no_such name\n", image=sound)

    assert build.ended() == 2
    error = build.document["error"]
    assert [(each["place"]["line"], each["place"]["column"]) for each in error["diagnostics"]] == [(3, 5), (4, 15)]
    assert error["code"] == "IK-SPEC-001"
    assert "hostname" in error["diagnostics"][0]["fix"]
    build.check_nothing_published()


def test_a_spec_with_a_step_that_no_guest_has_is_refused_before_the_image_is_opened(start, folder):
    build = start("version: 1\ntransforms:\n  - no-such-kind\n", image=image(folder / "truncated.qcow2"))

    assert build.ended() == 2
    assert "check image" not in build.said
    build.check_nothing_published()


def truncated(folder: Path, length: int = 3 * MIB) -> Path:
    path = image(folder / "truncated.qcow2")
    subprocess.run(["qemu-io", "-f", "qcow2", "-c", "write -P 1 2M 4M", path], check=True, stdout=subprocess.DEVNULL)
    os.truncate(path, length)
    return path


def stump(folder: Path) -> Path:
    return truncated(folder, length=70_000)


def backed(folder: Path) -> Path:
    return image(folder / "backed.qcow2", "-u", "-F", "raw", "-b", str(folder / "secret"))


def split(folder: Path) -> Path:
    return image(folder / "split.qcow2", "-o", f"data_file={folder}/data,data_file_raw=on")


def flat(folder: Path) -> Path:
    """A text file that names an extent: a tool that guesses formats would take the secret for the disk."""
    path = folder / "flat.vmdk"
    path.write_text(
        '# Disk DescriptorFile\nversion=1\nCID=fffffffe\nparentCID=ffffffff\ncreateType="monolithicFlat"\n'
        f'RW 2048 FLAT "{folder}/secret" 0\n'
        'ddb.virtualHWVersion = "4"\nddb.geometry.cylinders = "2"\nddb.geometry.heads = "16"\n'
        'ddb.geometry.sectors = "63"\nddb.adapterType = "ide"\n'
    )
    return path


@pytest.mark.parametrize(
    ("make", "code", "said"),
    [
        (truncated, "IK-IMG-116", "cut short"),
        (stump, "IK-IMG-115", "cut short"),
        (backed, "IK-IMG-106", "builds on another file"),
        (split, "IK-IMG-107", "data"),
        (flat, "IK-IMG-105", "VMDK"),
    ],
    ids=["truncated", "truncated in its tables", "backing file", "external data file", "flat VMDK"],
)
def test_an_image_that_is_not_to_be_trusted_is_refused(start, folder, secret, make, code, said):
    build = start(SPEC, image=make(folder))

    assert build.ended() == 4
    error = build.document["error"]
    assert error["code"] == code
    assert said in error["message"]
    assert error["fix"]
    assert BASE_WORDS.decode() not in build.stdout + build.said
    build.check_nothing_published()
