from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from imagekit.farm.document import Farm
from imagekit.farm.files import Folder, find_files, takes

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "images" / "old").mkdir(parents=True)
    for name in ("b.qcow2", "a.qcow2", "a.qcow2.receipt.json", "old/c.qcow2", "x[1].qcow2"):
        (tmp_path / "images" / name).touch()
    return tmp_path


def names(folder: Path, *images: str) -> list[str]:
    found, problems = find_files(Farm(images=images, specs=("s",)), "images", Folder(folder))
    assert problems == []
    return [str(each.path.relative_to(folder / "images")) for each in found]


def told(folder: Path, *images: str) -> list[tuple[str, str, str]]:
    _, problems = find_files(Farm(images=images, specs=("s",)), "images", Folder(folder))
    return [(problem.code, problem.message, problem.fix or problem.why) for problem in problems]


def test_files_are_sorted_and_each_is_there_once(folder: Path) -> None:
    assert names(folder, "images/b.qcow2", "images/[ab].qcow2", "./images/../images/a.qcow2") == ["a.qcow2", "b.qcow2"]


def test_folders_and_receipts_are_no_images(folder: Path) -> None:
    assert names(folder, "images/*") == ["a.qcow2", "b.qcow2", "x[1].qcow2"]


def test_a_pattern_may_go_through_folders(folder: Path) -> None:
    assert names(folder, "images/**/*.qcow2") == ["a.qcow2", "b.qcow2", "old/c.qcow2", "x[1].qcow2"]


def test_a_name_that_looks_like_a_pattern_is_a_name_if_there_is_such_a_file(folder: Path) -> None:
    assert names(folder, "images/x[1].qcow2") == ["x[1].qcow2"]


def test_a_path_may_be_absolute(folder: Path) -> None:
    assert names(folder, f"{folder}/images/a.*2") == ["a.qcow2"]


def test_a_link_is_an_image_of_its_own_and_a_linked_folder_is_not(folder: Path) -> None:
    (folder / "images" / "latest.qcow2").symlink_to("a.qcow2")
    (folder / "same").symlink_to("images")

    assert names(folder, "same/a.qcow2", "images/a.qcow2", "images/latest.qcow2") == ["a.qcow2", "latest.qcow2"]


def test_a_pattern_without_files_is_told(folder: Path) -> None:
    assert told(folder, "images/*.raw", "imgs/*") == [
        ("IK-FARM-030", "no file matches images/*.raw", f"patterns are relative to the farm's folder, {folder}"),
        ("IK-FARM-030", "no file matches imgs/*", "there is no folder imgs"),
    ]


def test_a_name_without_a_file_gets_the_nearest(folder: Path) -> None:
    (folder / "images" / "debian.qcow2").touch()

    assert told(folder, "images/debain.qcow2", "images", "zz") == [
        ("IK-FARM-031", "images/debain.qcow2 does not exist", 'did you mean "images/debian.qcow2"?'),
        ("IK-FARM-031", "images is a folder", "images/*.qcow2"),
        ("IK-FARM-031", "zz does not exist", f"names are relative to the farm's folder, {folder}"),
    ]


def test_a_link_that_leads_nowhere_is_told(folder: Path) -> None:
    (folder / "images" / "gone.qcow2").symlink_to("nowhere")

    assert [code for code, _, _ in told(folder, "images/gone.*")] == ["IK-FARM-031"]


@pytest.mark.parametrize(
    ("pattern", "path", "taken"),
    [
        ("images/*.qcow2", "images/a.qcow2", True),
        ("./images/*", "images/a.qcow2", True),
        ("images/*", "images/out/a.qcow2", False),
        ("**/*.qcow2", "out/deep/a.qcow2", True),
        ("**/*.qcow2", "a.qcow2", True),
        ("images/*", "out/a.qcow2", False),
        ("images/a.qcow2", "images/a.qcow2", False),
    ],
)
def test_it_is_known_what_a_pattern_would_take(tmp_path: Path, pattern: str, path: str, taken: bool) -> None:
    assert bool(takes((pattern,), tmp_path / path, Folder(tmp_path))) is taken
    assert bool(takes((f"{tmp_path}/{pattern}",), tmp_path / path, Folder(tmp_path))) is taken


@pytest.mark.parametrize("name", ["loop/a.qcow2", "loop", "x" * 300, "images/a.qcow2/b"])
def test_what_cannot_be_looked_at_is_told_and_no_bug(folder: Path, name: str) -> None:
    (folder / "loop").symlink_to("loop")

    assert [code for code, _, _ in told(folder, name)] == ["IK-FARM-031"]
