from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from imagekit.farm.report.axes import Span, axes_of, labels, value_text

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from imagekit.farm.report.model import Entry


def test_images_go_down_and_specs_and_values_across(entry: Callable[..., Entry]) -> None:
    entries = [
        entry(1 + index, image, spec, values={"site": site})
        for index, (image, spec, site) in enumerate(
            (image, spec, site) for image in ("debian", "rocky") for spec in ("web", "db") for site in ("paris", "rome")
        )
    ]

    axes = axes_of(entries)

    assert [label for _, label in axes.rows] == ["debian", "rocky"]
    assert axes.headings == (
        ("spec", (Span("web", 2), Span("db", 2))),
        ("site", (Span("paris", 1), Span("rome", 1), Span("paris", 1), Span("rome", 1))),
    )
    placed = [axes.cells[image, column].number for image, _ in axes.rows for column in axes.columns]
    assert placed == list(range(1, 9))


def test_what_the_first_image_lacks_still_stands_in_its_place(entry: Callable[..., Entry]) -> None:
    wanted = [("debian", "web", "rome"), ("debian", "db", "rome"), ("rocky", "web", "paris"), ("rocky", "web", "rome")]

    axes = axes_of([entry(1, image, spec, values={"site": site}) for image, spec, site in wanted])

    assert axes.headings[0] == ("spec", (Span("web", 2), Span("db", 1)))
    assert (Path("/f/images/debian.qcow2"), axes.columns[1]) not in axes.cells


def test_values_that_python_takes_for_equal_have_columns_of_their_own(entry: Callable[..., Entry]) -> None:
    axes = axes_of([entry(number, values={"n": value}) for number, value in enumerate((1, True, "1", 1.0), 1)])

    assert [axes.cells[axes.rows[0][0], column].number for column in axes.columns] == [1, 2, 3, 4]


def test_a_spec_that_lacks_a_variable_has_an_empty_heading(entry: Callable[..., Entry]) -> None:
    axes = axes_of([entry(1, spec="web", values={"site": "rome"}), entry(2, spec="db")])

    assert axes.headings[1] == ("site", (Span("rome", 1), Span("", 1)))


def test_files_are_told_apart_by_no_more_than_it_takes() -> None:
    paths = [Path(name) for name in ("/a/x.qcow2", "/a/y.qcow2", "/a/y.raw", "/b/z.raw", "/c/z.raw")]

    assert list(labels(paths).values()) == ["x", "y.qcow2", "y.raw", "/b/z.raw", "/c/z.raw"]


@pytest.mark.parametrize(("value", "text"), [("rome", "rome"), (2, "2"), (True, "true"), (1.5, "1.5")])
def test_values_are_shown_as_the_farm_has_them(value: Any, text: str) -> None:
    assert value_text(value) == text


def test_a_farm_without_jobs_has_an_empty_grid() -> None:
    assert axes_of([]).columns == ()
