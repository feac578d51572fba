from __future__ import annotations

import unicodedata

import pytest

from imagekit.diagnostics import Diagnostic, Place, Problem, SpecInvalid, SpecUnfit
from imagekit.errors import ImageError, SpecError

WHOLE = Diagnostic(
    "IK-USR-003",
    'group "wheel" does not exist in this image',
    "users[1].groups[0]",
    Place("spec.yaml", 14, 14, 5, "    groups: [wheel]"),
    why='Debian 12 images use "sudo" for administrators',
    fix="groups: [sudo]",
)
GOLDEN = """\
spec.yaml:14:14  error IK-USR-003  users[1].groups[0]: group "wheel" does not exist in this image
   14 |     groups: [wheel]
      |              ^^^^^
  why:  Debian 12 images use "sudo" for administrators
  fix:  groups: [sudo]"""


def drawn(text: str, column: int, length: int) -> tuple[str, str]:
    """Return the author's line and the line of carets, without their gutter."""
    place = Place("spec.yaml", 1, column, length, text)
    lines = Diagnostic("IK-X-001", "wrong", place=place).render().splitlines()
    return lines[1].removeprefix("    1 | "), lines[2].removeprefix("      | ")


def columns(text: str) -> int:
    """Return how far a terminal with tabs of eight gets, the gutter of eight columns before it."""
    here = 8
    for char in text:
        if char == "\t":
            here += 8 - here % 8
        elif not unicodedata.combining(char):
            here += 2 if unicodedata.east_asian_width(char) in "WF" else 1
    return here


# One diagnostic.
def test_a_diagnostic_is_drawn_on_the_authors_own_line() -> None:
    assert WHOLE.render() == GOLDEN


def test_what_is_not_known_is_left_out() -> None:
    assert Diagnostic("IK-X-001", "it is wrong").render() == "error IK-X-001  it is wrong"


def test_a_place_without_its_line_is_named_alone() -> None:
    place = Place("spec.yaml", 3, 7)

    assert Diagnostic("IK-X-001", "wrong", "a.b", place).render() == "spec.yaml:3:7  error IK-X-001  a.b: wrong"


def test_a_warning_says_that_it_is_one() -> None:
    assert Diagnostic("IK-X-001", "hm", severity="warning").render() == "warning IK-X-001  hm"


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("groups: [wheel]", "wheel"),
        ("\tgroups: [wheel]", "wheel"),
        ("a:\tb\t# wheel", "wheel"),
        ("name: [日本, wheel]", "wheel"),
        ("name: [日本語]", "日本語"),
        ("name: [e\u0301te\u0301, wheel]", "wheel"),
        ("name: [\U0001f600, wheel]", "wheel"),
        ("wheel: 1", "wheel"),
    ],
)
def test_the_caret_is_below_what_is_wrong_however_wide_the_line_is(text: str, what: str) -> None:
    line, carets = drawn(text, text.index(what) + 1, len(what))

    assert line == text
    assert carets.strip() == "^" * (columns(what) - 8)
    assert columns(carets.partition("^")[0]) == columns(text.partition(what)[0])


def test_a_place_at_the_end_of_a_line_has_its_caret_there() -> None:
    assert drawn("hostname:", 10, 1) == ("hostname:", "         ^")


def test_a_place_without_a_length_has_one_caret() -> None:
    assert drawn("hostname:", 3, 0) == ("hostname:", "  ^")


@pytest.mark.parametrize("trap", ["\x1b", "\x07", "\u202e", "\x7f", "\x85"])
def test_nothing_in_a_line_steers_the_terminal(trap: str) -> None:
    line, carets = drawn(f"a: {trap}[31m wheel", 10, 5)

    assert line == "a: \ufffd[31m wheel"
    assert carets == "         ^^^^^"


def test_a_diagnostic_is_plain_data_without_the_authors_line() -> None:
    assert WHOLE.document() == {
        "code": "IK-USR-003",
        "severity": "error",
        "message": 'group "wheel" does not exist in this image',
        "field": "users[1].groups[0]",
        "place": {"file": "spec.yaml", "line": 14, "column": 14},
        "why": 'Debian 12 images use "sudo" for administrators',
        "fix": "groups: [sudo]",
    }
    assert Diagnostic("IK-X-001", "wrong").document()["place"] is None


def test_a_place_is_written_as_editors_write_it() -> None:
    assert str(Place("specs/a.yaml", 3, 9, 4, "text")) == "specs/a.yaml:3:9"


def test_the_text_of_a_line_is_no_part_of_its_place() -> None:
    assert Place("a", 1, 1, 1, "one") == Place("a", 1, 1, 1, "other")


# What a transform says.
def test_a_problem_has_a_code_unless_it_has_one_of_its_own() -> None:
    assert Problem("zone", "no such zone").code == "IK-FIT-001"
    assert Problem("zone", "no such zone", code="IK-TZ-001").code == "IK-TZ-001"
    assert str(Problem("zone", "no such zone", why="w", fix="f")) == "no such zone"


# Many at once.
@pytest.mark.parametrize(
    ("error", "family", "status", "one", "two"),
    [
        (SpecInvalid, SpecError, 2, "1 problem in the spec", "2 problems in the spec"),
        (SpecUnfit, ImageError, 4, "1 problem with this image", "2 problems with this image"),
    ],
)
def test_all_problems_come_at_once(
    error: type[SpecInvalid | SpecUnfit], family: type[Exception], status: int, one: str, two: str
) -> None:
    other = Diagnostic("IK-X-001", "wrong")
    both = error((WHOLE, other))

    assert isinstance(both, family)
    assert (error((other,)).message, both.message, both.exit_status) == (one, two, status)
    assert str(both) == f"{GOLDEN}\n\nerror IK-X-001  wrong"
    assert both.document()["diagnostics"] == [WHOLE.document(), other.document()]
    assert both.document()["code"] == error.code


def test_what_is_no_spec_says_where_its_problems_are() -> None:
    assert SpecInvalid((WHOLE,), "in the farm").message == "1 problem in the farm"
