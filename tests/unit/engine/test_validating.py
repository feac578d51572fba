from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from imagekit.diagnostics import SpecInvalid
from imagekit.engine.errors import UnknownIdentity
from imagekit.engine.validating import validate

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a.yaml").write_text(
        "name: a\nvars: {site: paris}\ntransforms: [machine-id, {hostname: '${{ site }}'}]\n"
    )
    (tmp_path / "b.yaml").write_text("name: b\ntransforms: [{hostname: b}]\n")
    return tmp_path


def test_files_are_taken_together_and_steps_stand_in_the_order_that_would_run(folder: Path) -> None:
    report = validate(folder / "a.yaml", folder / "b.yaml", variables={"site": "rome"})

    assert report.name == "b"
    assert [step.title for step in report.steps] == ["hostname rome", "hostname b", "machine-id auto"]
    assert [source.file for source in report.sources] == [str(folder / "a.yaml"), str(folder / "b.yaml")]


def test_all_problems_of_all_files_come_at_once(folder: Path) -> None:
    for name in ("a.yaml", "b.yaml"):
        (folder / name).write_text("transforms: [{hostnam: x}]\n")

    with pytest.raises(SpecInvalid) as refused:
        validate(folder / "a.yaml", folder / "b.yaml")

    assert [each.code for each in refused.value.diagnostics] == ["IK-SPEC-011", "IK-SPEC-011"]


def test_a_secret_is_not_read(folder: Path) -> None:
    (folder / "s.yaml").write_text(
        "secrets: {token: {file: none}}\ntransforms: [{write-files: [{path: /t, content: {secret: token}}]}]\n"
    )

    assert validate(folder / "s.yaml").steps[0].secret


def test_the_source_of_a_secret_is_checked(folder: Path) -> None:
    with pytest.raises(SpecInvalid, match="write env:VARIABLE"):
        validate(folder / "b.yaml", secrets={"token": "hunter2"})


def test_an_identity_that_there_is_not_cannot_be_kept(folder: Path) -> None:
    (folder / "k.yaml").write_text("keep_identity: [machine-idd]\n")

    with pytest.raises(UnknownIdentity):
        validate(folder / "k.yaml")
