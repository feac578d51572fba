from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from imagekit.farm.document import FarmInvalid
from imagekit.farm.loading import load_farm, parse_farm

if TYPE_CHECKING:
    from pathlib import Path

FARM = """\
version: 1
name: sites
x-owner: ops
images: [images/*.qcow2]
specs: [web.yaml, db.yaml]
matrix: {site: [paris, rome]}
exclude: [{spec: db, site: rome}]
output: "out/{image}-{spec}-{site}.qcow2"
"""
WRONG = """\
imagess: [a.qcow2]
specs: []
matrix: {site: [paris]}
output: "{imge}-{site}"
"""
TOLD = """\
FARM.yaml:1:1  error IK-FARM-012  "imagess" is no key of a farm
    1 | imagess: [a.qcow2]
      | ^^^^^^^
  fix:  did you mean "images"?

FARM.yaml:2:8  error IK-FARM-014  specs: must have at least 1 item
    2 | specs: []
      |        ^^
  why:  Specs by name or by pattern, relative to the farm's folder; each makes an image of its own

FARM.yaml:4:10  error IK-FARM-041  output: {imge} means nothing here
    4 | output: "{imge}-{site}"
      |          ^^^^^^
  fix:  did you mean {image}?"""


def codes(text: str) -> list[str]:
    with pytest.raises(FarmInvalid) as caught:
        parse_farm(text)
    return [problem.code for problem in caught.value.diagnostics]


def test_a_farm_is_read_from_its_file(tmp_path: Path) -> None:
    (tmp_path / "FARM.yaml").write_text(FARM)
    farm = load_farm(tmp_path / "FARM.yaml")

    assert (farm.name, farm.images, farm.specs) == ("sites", ("images/*.qcow2",), ("web.yaml", "db.yaml"))
    assert (farm.matrix, farm.output) == ({"site": ("paris", "rome")}, "out/{image}-{spec}-{site}.qcow2")
    assert farm.exclude == ({"spec": ("db",), "site": ("rome",)},)


def test_all_that_is_wrong_is_told_at_once_on_the_authors_own_lines() -> None:
    with pytest.raises(FarmInvalid) as caught:
        parse_farm(WRONG)

    assert str(caught.value) == TOLD


def test_values_are_as_they_are_written() -> None:
    farm = parse_farm('images: a\nspecs: b\nmatrix: {v: [22.10, 007, true, "x"]}\nexclude: [{v: 22.10}]\n')

    assert farm.matrix["v"] == ("22.10", "007", "true", "x")
    assert farm.exclude == ({"v": ("22.10",)},)


def test_a_matrix_that_cannot_be_read_makes_no_other_problems() -> None:
    assert codes("images: a\nspecs: b\nmatrix: [site]\noutput: '{site}'\n") == ["IK-FARM-014"]


def test_an_empty_value_is_none() -> None:
    assert codes("images: a\nspecs: b\nmatrix: {v: [~]}\n") == ["IK-FARM-014"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "IK-FARM-006"),
        ("- a", "IK-FARM-006"),
        ("images", "IK-FARM-006"),
        ("images: [", "IK-FARM-004"),
        ("images: !env A", "IK-FARM-004"),
        ("images: a\nspecs: b\n---\nimages: c\n", "IK-FARM-004"),
        ("images: a\nspecs: b\nspecs: c\n", "IK-FARM-005"),
        ("x: " + "[" * 100, "IK-FARM-003"),
        ("images: a\nspecs: 0755\n", "IK-FARM-015"),
    ],
)
def test_what_is_no_farm_is_told_by_a_code_of_farms(text: str, code: str) -> None:
    assert codes(text) == [code]


def test_what_is_missing_is_told() -> None:
    assert codes("matrix: {site: a}") == ["IK-FARM-013", "IK-FARM-013"]


def test_a_file_that_is_not_there_gets_the_nearest_name(tmp_path: Path) -> None:
    (tmp_path / "farm.yaml").touch()
    with pytest.raises(FarmInvalid) as caught:
        load_farm(tmp_path / "frm.yaml")
    (problem,) = caught.value.diagnostics

    assert (problem.code, problem.fix) == ("IK-FARM-002", 'did you mean "farm.yaml"?')
