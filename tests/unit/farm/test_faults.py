from __future__ import annotations

import pytest

from imagekit.farm.document import Farm, FarmInvalid
from imagekit.farm.faults import faults
from imagekit.farm.loading import parse_farm


def told(**parts: object) -> list[tuple[str, str, str]]:
    farm = Farm.model_validate({"images": ["a"], "specs": ["b"], "matrix": {"site": ["paris", "rome"]}, **parts})
    return [(problem.code, problem.field, problem.fix) for problem in faults(farm)]


def test_a_farm_may_be_right() -> None:
    right = {"exclude": [{"image": "a*", "spec": "b", "site": "rome"}], "output": "{{x}}/{image}-{spec}-{site}{suffix}"}

    assert told(**right) == []


@pytest.mark.parametrize("name", ["1st", "a b", "", "image", "spec", "suffix"])
def test_a_variable_has_a_name_that_specs_and_outputs_can_use(name: str) -> None:
    assert told(matrix={name: ["x"]}) == [("IK-FARM-020", f"matrix.{name}", "")]


def test_a_value_that_stands_twice_is_told_whatever_its_sort() -> None:
    assert told(matrix={"n": [1, 2, "1"]}) == [("IK-FARM-021", "matrix.n[2]", "keep one of the two")]


def test_an_exclusion_names_what_there_is() -> None:
    assert told(exclude=[{"iamge": "x"}]) == [("IK-FARM-023", "exclude[0].iamge", 'did you mean "image"?')]
    assert told(exclude=[{"sit": "x", "spec": "b"}]) == [("IK-FARM-023", "exclude[0].sit", 'did you mean "site"?')]
    assert told(exclude=[{"zone": "x"}]) == [("IK-FARM-023", "exclude[0].zone", "")]


def test_an_exclusion_of_everything_is_told() -> None:
    assert told(exclude=[{}]) == [("IK-FARM-023", "exclude[0]", "leave it out")]


def test_an_output_names_what_there_is() -> None:
    assert told(output="{imge}-{sit}.qcow2") == [
        ("IK-FARM-041", "output", "did you mean {image}?"),
        ("IK-FARM-041", "output", "did you mean {site}?"),
    ]


@pytest.mark.parametrize("text", ["{image", "image}", "{}", "{image:3}", "{image!r}", "out/", ""])
def test_an_output_that_cannot_be_read_is_told(text: str) -> None:
    assert [code for code, _, _ in told(output=text)] == ["IK-FARM-040"]


def test_the_caret_is_below_the_name_that_means_nothing() -> None:
    with pytest.raises(FarmInvalid) as caught:
        parse_farm('images: a\nspecs: b\noutput: "{image}-{zone}.qcow2"\n')
    (problem,) = caught.value.diagnostics

    assert problem.place is not None
    assert (str(problem.place), problem.place.length) == ("FARM.yaml:3:18", len("{zone}"))
    assert problem.why == "there are {image}, {spec}, {suffix}"
