from __future__ import annotations

import os

import pytest
from pydantic import ValidationError

from imagekit.diagnostics import Diagnostic, SpecInvalid
from imagekit.farm.document import Farm, FarmInvalid
from imagekit.farm.loading import parse_farm

FARM = """\
images: images/*.qcow2
specs: [web.yaml]
matrix:
  site: [paris, rome]
"""


def test_one_may_stand_for_a_list_of_one() -> None:
    farm = Farm(images="a.qcow2", specs="web.yaml", matrix={"n": 3}, exclude=[{"spec": "db"}])  # type: ignore[arg-type]

    assert (farm.images, farm.specs) == (("a.qcow2",), ("web.yaml",))
    assert (farm.matrix, farm.exclude) == ({"n": ("3",)}, ({"spec": ("db",)},))


def test_values_are_text_as_the_command_line_takes_them() -> None:
    farm = Farm(images=("a",), specs=("b",), matrix={"v": (1, 2.5, True, "x")})  # type: ignore[dict-item]

    assert farm.matrix["v"] == ("1", "2.5", "true", "x")


@pytest.mark.parametrize(
    "wrong",
    [{"images": ()}, {"specs": [""]}, {"matrix": {"v": []}}, {"matrix": {"v": [None]}}, {"version": 2}, {"jobs": 3}],
)
def test_what_makes_no_jobs_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Farm.model_validate({"images": ["a"], "specs": ["b"], **wrong})


def test_parts_are_found_where_they_were_written() -> None:
    farm = parse_farm(FARM)

    assert str(farm.locate(("images", 0))) == "FARM.yaml:1:9"
    assert str(farm.locate(("matrix", "site", 1))) == "FARM.yaml:4:17"
    assert str(farm.locate(("matrix", "site"), key=True)) == "FARM.yaml:4:3"
    assert str(farm.locate(("output",))) == "FARM.yaml:1:1"


def test_a_farm_made_in_python_has_no_places() -> None:
    found = Farm(images=("a",), specs=("b",)).diagnostic("IK-FARM-030", "wrong", ("images", 0), why="so")

    assert found == Diagnostic("IK-FARM-030", "wrong", "images[0]", None, why="so")


def test_what_is_wrong_with_a_farm_is_told_as_of_a_spec() -> None:
    error = FarmInvalid((Diagnostic("IK-FARM-030", "wrong"),))

    assert isinstance(error, SpecInvalid)
    assert (error.code, error.message, error.exit_status) == ("IK-FARM-001", "1 problem in the farm", 2)


@pytest.mark.parametrize("text", ["a\0b", "a\ud800"])
@pytest.mark.parametrize("part", ["images", "specs", "output", "matrix", "exclude"])
def test_what_no_path_can_hold_is_refused(part: str, text: str) -> None:
    shapes = {"matrix": {"v": [text]}, "exclude": [{"spec": text}], "output": text}

    with pytest.raises(ValidationError, match="which no path can"):
        Farm.model_validate({"images": ["a"], "specs": ["b"], part: shapes.get(part, [text])})


def test_the_name_of_a_file_that_is_no_utf_8_can_be_given_in_python() -> None:
    name = os.fsdecode(b"\xff.qcow2")

    assert Farm(images=(name,), specs=("b",)).images == (name,)
