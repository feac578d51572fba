from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

import pytest

from imagekit.diagnostics import SpecInvalid
from imagekit.engine.inputs import digest_of_inputs
from imagekit.engine.target import Form
from imagekit.farm.document import Farm
from imagekit.farm.inputs import Inputs
from imagekit.farm.jobs import expand
from imagekit.farm.specs import Specs
from imagekit.images.digests import Digests
from imagekit.images.errors import ImageEmpty, ImageNotFound, ImageUnreadable
from imagekit.images.flatten import CompressionRefused
from imagekit.spec import load_spec

if TYPE_CHECKING:
    from pathlib import Path

    from imagekit.farm.job import Job

DISK = bytes(4096)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a.img").write_bytes(DISK)
    (tmp_path / "key").write_text("secret")
    (tmp_path / "web.yaml").write_text(
        "secrets: {key: {file: key}}\n"
        "transforms: [hostname: '${{ site }}', write-files: [{path: /k, content: {secret: key}}]]\n"
    )
    return tmp_path


def jobs(folder: Path) -> tuple[Job, ...]:
    farm = Farm(images=("*.img",), specs=("web.yaml",), matrix={"site": ("paris", "rome")}, output="out/{image}-{site}")
    return expand(farm, folder)


@pytest.fixture
def inputs(tmp_path: Path) -> Inputs:
    return Inputs(Specs(), tmp_path / "cache")


def test_it_is_the_digest_that_customize_writes_for_the_same_work(folder: Path, inputs: Inputs) -> None:
    spec = load_spec(folder / "web.yaml", variables={"site": "rome"})
    sha256 = hashlib.sha256(DISK).hexdigest()

    assert inputs.of(jobs(folder)[1]) == digest_of_inputs(spec, sha256, Form("raw"))


def test_the_form_is_what_the_spec_asks_for(folder: Path, inputs: Inputs) -> None:
    with (folder / "web.yaml").open("a") as opened:
        opened.write("outputs: [{format: qcow2, compression: zstd}]\n")
    spec = load_spec(folder / "web.yaml", variables={"site": "paris"})

    assert inputs.of(jobs(folder)[0]) == digest_of_inputs(spec, hashlib.sha256(DISK).hexdigest(), Form("qcow2", "zstd"))


def test_values_tell_jobs_apart(folder: Path, inputs: Inputs) -> None:
    assert len({inputs.of(job) for job in jobs(folder)}) == 2


def test_a_base_is_read_once_however_many_jobs_it_has(
    folder: Path, inputs: Inputs, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads: list[Path] = []
    of = Digests.of
    monkeypatch.setattr(Digests, "of", lambda digests, path: reads.append(path) or of(digests, path))
    (folder / "b.img").symlink_to("a.img")
    for job in jobs(folder):
        inputs.of(job)

    assert reads == [folder / "a.img"]


def test_a_base_that_was_written_to_is_read_again(folder: Path, inputs: Inputs) -> None:
    job = jobs(folder)[0]
    before = inputs.of(job)
    (folder / "a.img").write_bytes(b"x" * 4096)
    os.utime(folder / "a.img", ns=(1, 1))

    assert inputs.of(job) != before


def test_an_image_that_cannot_be_used_is_the_failure_of_its_job(folder: Path, inputs: Inputs) -> None:
    job = jobs(folder)[0]
    (folder / "a.img").write_bytes(b"")
    with pytest.raises(ImageEmpty):
        inputs.of(job)
    (folder / "a.img").unlink()

    with pytest.raises((ImageNotFound, ImageUnreadable)):
        inputs.of(job)


def test_a_spec_that_is_wrong_is_told(folder: Path, inputs: Inputs) -> None:
    (folder / "web.yaml").write_text("transforms: [hostnam: x]\n")

    with pytest.raises(SpecInvalid):
        inputs.of(jobs(folder)[0])


def test_what_a_base_cannot_become_is_told(folder: Path, inputs: Inputs) -> None:
    with (folder / "web.yaml").open("a") as opened:
        opened.write("outputs: [{format: raw, compression: zstd}]\n")

    with pytest.raises(CompressionRefused):
        inputs.of(jobs(folder)[0])
