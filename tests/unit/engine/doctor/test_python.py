from __future__ import annotations

import pytest

from imagekit.engine.doctor.python import check_package, check_python


@pytest.mark.parametrize(("version", "state"), [((3, 10), "fail"), ((3, 11), "ok"), ((3, 14), "ok")])
def test_python_must_be_3_11_or_later(version: tuple[int, int], state: str) -> None:
    assert check_python(version).state == state


def test_a_foreign_package_of_the_same_name_is_named() -> None:
    check = check_package({"imagekit": ["imagekit-guestfs", "django-imagekit"]})

    assert check.state == "fail"
    assert "django-imagekit" in check.detail
    assert "venv" in check.fix


@pytest.mark.parametrize("owners", [{}, {"imagekit": ["imagekit-guestfs"]}, {"imagekit": ["imagekit_guestfs"] * 2}])
def test_our_own_package_is_no_foreign_one(owners: dict[str, list[str]]) -> None:
    assert check_package(owners).state == "ok"


def test_this_environment_has_no_foreign_one() -> None:
    assert check_package().state == "ok"
