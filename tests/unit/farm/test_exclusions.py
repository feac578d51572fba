from __future__ import annotations

from pathlib import Path

import pytest

from imagekit.farm.document import Farm
from imagekit.farm.exclusions import Exclusions
from imagekit.farm.files import Found

IMAGES = tuple(
    Found(Path("/f/images") / name, f"images/{name}") for name in ("debian-12.qcow2", "debian-13.qcow2", "alpine.img")
)
SPECS = tuple(Found(Path("/f") / name, name) for name in ("web.yaml", "db.yaml"))
SITES = ("paris", "rome")


def made(*exclude: dict[str, object]) -> list[tuple[str, str, str]]:
    """Return the places of the matrix that are left."""
    farm = Farm.model_validate({"images": ["i"], "specs": ["s"], "matrix": {"site": SITES}, "exclude": exclude})
    exclusions = Exclusions(farm, IMAGES, SPECS)
    places = ((image, spec, site) for image in IMAGES for spec in SPECS for site in SITES)
    return [(i.stem, s.stem, v) for i, s, v in places if not exclusions.cover(i, s, {"site": v})]


def idle(*exclude: dict[str, object]) -> list[tuple[str, str, str]]:
    farm = Farm.model_validate({"images": ["i"], "specs": ["s"], "matrix": {"site": SITES}, "exclude": exclude})
    return [(each.field, each.fix, each.why) for each in Exclusions(farm, IMAGES, SPECS).idle()]


def test_nothing_is_excluded_unasked() -> None:
    assert len(made()) == 12


def test_all_that_an_item_names_must_fit() -> None:
    left = made({"spec": "db", "site": "rome"})

    assert len(left) == 9
    assert {(spec, site) for _, spec, site in left} == {("web", "paris"), ("web", "rome"), ("db", "paris")}


def test_of_several_items_and_of_a_list_any_one_is_enough() -> None:
    assert made({"image": ["debian-*", "alp*"], "spec": "web"}, {"site": "rome"}) == [
        (image, "db", "paris") for image in ("debian-12", "debian-13", "alpine")
    ]


@pytest.mark.parametrize("pattern", ["alpine", "alpine.img", "images/alpine.img", "al*", "*.img"])
def test_a_file_is_known_by_stem_name_and_path(pattern: str) -> None:
    assert {image for image, _, _ in made({"image": pattern})} == {"debian-12", "debian-13"}


def test_what_fits_nothing_gets_the_nearest_name() -> None:
    assert idle({"spec": "wbe"}, {"site": ["rome", "pari"]}) == [
        ("exclude[0].spec[0]", 'did you mean "web"?', ""),
        ("exclude[1].site[1]", 'did you mean "paris"?', ""),
    ]
    assert idle({"site": "*x*"}) == [("exclude[0].site[0]", "", "there are paris, rome")]


def test_what_another_item_excludes_as_well_is_no_mistake() -> None:
    assert idle({"spec": "db"}, {"spec": "db", "site": "rome"}) == []
