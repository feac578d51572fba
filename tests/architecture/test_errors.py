"""Every error that imagekit raises: one code, one sentence of its own, one family."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections import Counter

import pytest

import imagekit
import imagekit_cli
from imagekit import errors
from imagekit.errors import ImagekitError

FAMILIES = {
    cls
    for cls in vars(errors).values()
    if isinstance(cls, type) and issubclass(cls, ImagekitError) and cls is not ImagekitError
}
# How a run of the command may end without anyone of the families having to act; the library raises neither.
ENDS = {"imagekit_cli.errors.Bug": 1, "imagekit_cli.errors.Ended": 143}
CODE = re.compile(r"IK-[A-Z]+-\d{3}")


def subclasses(cls: type[ImagekitError]) -> set[type[ImagekitError]]:
    direct = {each for each in cls.__subclasses__() if each.__module__.startswith("imagekit")}
    return direct.union(*(subclasses(each) for each in direct))


def full_name(cls: type) -> str:
    return f"{cls.__module__}.{cls.__qualname__}"


@pytest.fixture(scope="module")
def every() -> list[type[ImagekitError]]:
    """Every class of error in the product, by name; all modules are loaded for it."""
    for package in (imagekit, imagekit_cli):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)
    return sorted(subclasses(ImagekitError), key=full_name)


def test_each_has_a_code_of_its_own(every: list[type[ImagekitError]]) -> None:
    assert [cls.__qualname__ for cls in every if not CODE.fullmatch(vars(cls).get("code", ""))] == []


def test_no_two_share_a_code(every: list[type[ImagekitError]]) -> None:
    counts = Counter(cls.code for cls in every)

    assert {cls.__qualname__: cls.code for cls in every if counts[cls.code] > 1} == {}


def test_no_two_share_a_name(every: list[type[ImagekitError]]) -> None:
    counts = Counter(cls.__name__ for cls in every)

    assert {name: count for name, count in counts.items() if count > 1} == {}


def test_each_says_what_it_is(every: list[type[ImagekitError]]) -> None:
    assert [cls.__qualname__ for cls in every if not vars(cls).get("__doc__")] == []


def test_each_is_of_one_family_and_has_its_exit_status(every: list[type[ImagekitError]]) -> None:
    wrong = {}
    for cls in (cls for cls in every if full_name(cls) not in ENDS):
        families = [family for family in FAMILIES if issubclass(cls, family)]
        if len(families) != 1 or (cls not in FAMILIES and "exit_status" in vars(cls)):
            wrong[cls.__qualname__] = [family.__name__ for family in families]

    assert wrong == {}


def test_what_is_of_no_family_has_an_exit_status_of_its_own(every: list[type[ImagekitError]]) -> None:
    assert {full_name(cls): cls.exit_status for cls in every if full_name(cls) in ENDS} == ENDS


def test_the_tree_that_is_drawn_is_the_tree_that_is_there() -> None:
    drawn = dict(re.findall(r"── (\w+) +(\d+)  ", errors.__doc__ or ""))

    assert {name: int(status) for name, status in drawn.items()} == {cls.__name__: cls.exit_status for cls in FAMILIES}


def test_no_two_families_share_an_exit_status() -> None:
    assert len({cls.exit_status for cls in FAMILIES}) == len(FAMILIES)
