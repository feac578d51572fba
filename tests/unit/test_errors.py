from __future__ import annotations

import pytest

from imagekit import errors
from imagekit.errors import ImagekitError


class Wrong(errors.HostError):
    """Something of the host is wrong."""

    code = "IK-TEST-001"

    def __init__(self, path: str) -> None:
        self.path = path
        super().__init__(f"{path} is wrong", why="it is so", fix="make it right")


def test_an_error_says_what_happened_why_and_what_to_do() -> None:
    error = Wrong("/x")

    assert (str(error), error.message) == ("/x is wrong", "/x is wrong")
    assert (error.why, error.fix, error.path) == ("it is so", "make it right", "/x")


def test_an_error_is_plain_data() -> None:
    assert Wrong("/x").document() == {
        "code": "IK-TEST-001",
        "message": "/x is wrong",
        "why": "it is so",
        "fix": "make it right",
        "exit_status": 3,
    }


def test_why_and_fix_may_be_unknown() -> None:
    document = ImagekitError("so").document()

    assert (document["why"], document["fix"], document["exit_status"]) == ("", "", 1)


@pytest.mark.parametrize(
    ("family", "status"),
    [
        ("SpecError", 2),
        ("HostError", 3),
        ("ImageError", 4),
        ("FindingsError", 5),
        ("ApplianceError", 6),
        ("StepError", 7),
        ("Interrupted", 130),
    ],
)
def test_each_family_has_the_exit_status_that_scripts_rely_on(family: str, status: int) -> None:
    cls = getattr(errors, family)

    assert issubclass(cls, ImagekitError)
    assert cls.exit_status == status
