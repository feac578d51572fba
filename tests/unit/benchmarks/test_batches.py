from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import pytest
from benchmarks.batches import Batch, Farms
from benchmarks.running import Contender

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = """\
#!{python}
import json, pathlib, sys
assert sys.argv[1:2] == ["batch"], sys.argv
farm = pathlib.Path(sys.argv[2])
said = json.loads(farm.read_text())
for image in sorted(farm.parent.glob(said["images"][0])):
    (farm.parent / said["output"].format(image=image.stem)).write_bytes(image.read_bytes())
"""


@pytest.fixture
def farms(tmp_path: Path) -> Farms:
    program, base, spec = tmp_path / "imagekit", tmp_path / "base.img", tmp_path / "spec.yaml"
    program.write_text(PROGRAM.format(python=sys.executable))
    program.chmod(0o755)
    base.write_bytes(b"image")
    spec.write_text(json.dumps({"transforms": []}))
    return Farms(tmp_path, str(program), spec, base)


def loop(farms: Farms) -> Contender:
    return Contender("peers", lambda image: [["cp", str(farms.base), str(image)]], {"PATH": "/usr/bin:/bin"})


def test_a_loop_is_the_reference_of_one_worker_and_two(farms: Farms) -> None:
    told = farms.against(loop(farms), 4)

    assert [(each.reference, each.count, each.at_once) for each in told] == [
        (True, 4, False),
        (False, 4, True),
        (False, 4, True),
    ]
    assert [each.commands(farms.base)[0][-1] for each in told[1:]] == ["1", "2"]


def test_more_images_are_held_against_the_fewest(farms: Farms) -> None:
    assert [(each.name, each.reference) for each in farms.growing((1, 4))] == [
        ("a farm of 1", True),
        ("a farm of 4", False),
    ]


def test_every_way_makes_all_its_images_and_leaves_nothing(farms: Farms) -> None:
    before = set(farms.work.iterdir())

    assert all(farms.each(each) > 0 for each in farms.against(loop(farms), 3))
    assert set(farms.work.iterdir()) == before


def test_an_image_that_is_not_there_is_no_result(farms: Farms) -> None:
    with pytest.raises(AssertionError, match="made 0 images of 2"):
        farms.each(Batch("lazy", lambda _: [["true"]], {"PATH": "/usr/bin:/bin"}, count=2))
