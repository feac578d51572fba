"""Through ``expand``, which asks for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from imagekit.farm.document import Farm, FarmInvalid
from imagekit.farm.jobs import expand

if TYPE_CHECKING:
    from pathlib import Path

    from imagekit.diagnostics import Diagnostic


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("a/disk.qcow2", "b/disk.qcow2", "a/other.raw"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    for name in ("web.yaml", "db.yaml"):
        (tmp_path / name).touch()
    return tmp_path


def told(folder: Path, **parts: object) -> list[Diagnostic]:
    whole = {"images": ["a/disk.qcow2"], "specs": ["web.yaml"], **parts}
    with pytest.raises(FarmInvalid) as caught:
        expand(Farm.model_validate(whole), folder)
    return list(caught.value.diagnostics)


def test_two_jobs_with_one_output_are_told_with_what_the_pattern_lacks(folder: Path) -> None:
    matrix = {"site": ["paris", "rome"], "tier": ["1"]}
    (problem,) = told(folder, specs=["*.yaml"], matrix=matrix, output="out/{image}.qcow2")

    assert problem.code == "IK-FARM-042"
    assert problem.message == (
        f"disk-db-paris-1 and disk-db-rome-1 would both become {folder}/out/disk.qcow2, and so do 2 more pairs"
    )
    assert problem.why == "the pattern has no {spec} and no {site}"
    assert problem.fix == "output: out/{image}-{spec}-{site}.qcow2"


def test_two_images_of_one_stem_are_told_by_their_paths(folder: Path) -> None:
    (problem,) = told(folder, images=["a/disk.qcow2", "b/disk.qcow2"], output="out/{image}.qcow2")

    assert problem.why == f"{folder}/a/disk.qcow2 and {folder}/b/disk.qcow2 are both called disk"


def test_names_that_meet_in_the_pattern_are_told(folder: Path) -> None:
    for name in ("a-b.qcow2", "a.qcow2", "b-c.yaml", "c.yaml"):
        (folder / name).touch()
    (problem,) = told(folder, images=["a-b.qcow2", "a.qcow2"], specs=["*c.yaml"])

    assert problem.why == f"{folder}/a-b.qcow2 and {folder}/a.qcow2 meet in the pattern"


def test_values_that_are_alike_in_a_path_are_told(folder: Path) -> None:
    (problem,) = told(folder, matrix={"v": ["x/y", "x-y"]})

    assert problem.why == "their values are alike once they stand in a path"


@pytest.mark.parametrize(
    ("output", "what"),
    [("a/{image}.qcow2", "an image"), ("{spec}.yaml", "a spec"), ("./b/../a/{image}{suffix}", "an image")],
)
def test_an_output_is_nothing_that_goes_in(folder: Path, output: str, what: str) -> None:
    (problem,) = told(folder, output=output)

    assert problem.code == "IK-FARM-043"
    assert f"which is {what} of this farm" in problem.message


def test_an_output_is_not_what_an_image_is_a_link_to(folder: Path) -> None:
    (folder / "link.qcow2").symlink_to("a/disk.qcow2")
    (problem,) = told(folder, images=["link.qcow2"], output="a/disk.qcow2")

    assert problem.code == "IK-FARM-043"


def test_an_output_is_no_image_of_the_next_run(folder: Path) -> None:
    (problem,) = told(folder, images=["a/*.qcow2"], output="a/{image}-{spec}.qcow2")

    assert (problem.code, problem.message) == (
        "IK-FARM-044",
        "a/*.qcow2 would take disk-web.qcow2 for an image in the next run",
    )


def test_the_name_of_an_output_leaves_room_for_that_of_its_receipt(folder: Path) -> None:
    assert len(expand(Farm(images=("a/disk.qcow2",), specs=("web.yaml",), output="é" * 100), folder)) == 1

    (problem,) = told(folder, output="é" * 125)
    assert problem.code == "IK-FARM-045"
