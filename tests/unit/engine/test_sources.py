from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from imagekit.diagnostics import SpecInvalid
from imagekit.engine.sources import as_spec
from imagekit.spec import Spec

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a.yaml").write_text("name: a\ntransforms: [{hostname: a}]\n")
    (tmp_path / "b.yaml").write_text("name: b\ntransforms: [machine-id]\n")
    return tmp_path


def test_a_spec_is_taken_as_it_is() -> None:
    spec = Spec(name="x")

    assert as_spec(spec) is spec


def test_a_file_is_read_by_path_or_by_name(folder: Path) -> None:
    assert as_spec(folder / "a.yaml").name == as_spec(str(folder / "a.yaml")).name == "a"


def test_several_files_make_one_spec_in_their_order(folder: Path) -> None:
    spec = as_spec([folder / "a.yaml", str(folder / "b.yaml")])

    assert spec.name == "b"
    assert [entry.kind_name for entry in spec.transforms] == ["hostname", "machine-id"]


def test_no_file_is_a_spec_that_asks_for_nothing() -> None:
    assert as_spec([]).transforms == ()


def test_a_file_that_is_not_there_is_a_problem_of_the_spec(folder: Path) -> None:
    with pytest.raises(SpecInvalid):
        as_spec(folder / "none.yaml")
