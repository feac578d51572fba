from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError

from imagekit.hostfile import HostFile, PathOrHostFile

if TYPE_CHECKING:
    from pathlib import Path

DIGEST = hashlib.sha256(b"hello").hexdigest()


class Holder(BaseModel):
    source: PathOrHostFile


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a.txt").write_bytes(b"hello")
    return tmp_path


def test_a_file_is_read_once_from_the_folder_of_the_spec(folder: Path) -> None:
    found = HostFile.model_validate({"file": "a.txt"}, context={"folder": folder})
    (folder / "a.txt").write_bytes(b"changed")

    assert (found.content, found.sha256, found.file) == (b"hello", DIGEST, "a.txt")


def test_without_a_spec_the_current_folder_counts(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)

    assert HostFile(file="a.txt").content == b"hello"


def test_a_digest_that_is_given_is_held_to(folder: Path) -> None:
    context = {"folder": folder}

    assert HostFile.model_validate({"file": "a.txt", "sha256": DIGEST}, context=context).content == b"hello"
    with pytest.raises(ValidationError, match="not the file that was asked for"):
        HostFile.model_validate({"file": "a.txt", "sha256": "0" * 64}, context=context)


def test_a_file_that_is_not_there_is_told_by_the_path_that_was_written(folder: Path) -> None:
    with pytest.raises(ValidationError, match=r"cannot read 'b\.txt': No such file or directory"):
        HostFile.model_validate({"file": "b.txt"}, context={"folder": folder})


def test_a_file_may_be_a_bare_path_where_it_is_always_one(folder: Path) -> None:
    found = Holder.model_validate({"source": "a.txt"}, context={"folder": folder})

    assert found.source.content == b"hello"
    assert [form.get("type", form.get("$ref")) for form in TypeAdapter(PathOrHostFile).json_schema()["anyOf"]] == [
        "string",
        "#/$defs/HostFile",
    ]
