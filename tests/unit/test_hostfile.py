from __future__ import annotations

import contextlib
import hashlib
import os
import re
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


def test_a_file_that_is_too_large_is_refused_without_reading_all_of_it(folder: Path) -> None:
    with (folder / "large").open("wb") as opened:
        opened.truncate(1 << 40)

    with pytest.raises(ValidationError, match="'large' is larger than 64 MiB; put it in with upload"):
        HostFile.model_validate({"file": "large"}, context={"folder": folder})


def test_a_file_of_the_largest_size_is_taken(folder: Path) -> None:
    with (folder / "large").open("wb") as opened:
        opened.truncate(64 << 20)

    assert len(HostFile.model_validate({"file": "large"}, context={"folder": folder}).content) == 64 << 20


@pytest.mark.parametrize("name", [".", "pipe"])
def test_what_is_no_regular_file_is_refused_at_once(folder: Path, name: str) -> None:
    os.mkfifo(folder / "pipe")

    with pytest.raises(
        ValidationError, match=rf"cannot read '{re.escape(name)}': (Is a directory|it is no regular file)"
    ):
        HostFile.model_validate({"file": name}, context={"folder": folder})


def test_a_name_with_a_nul_is_a_problem_of_the_spec(folder: Path) -> None:
    with pytest.raises(ValidationError):
        HostFile.model_validate({"file": "a\0b"}, context={"folder": folder})


def test_the_bytes_stay_out_of_what_is_written_down(folder: Path) -> None:
    found = HostFile.model_validate({"file": "a.txt"}, context={"folder": folder})

    assert found.model_dump(mode="json") == {"file": "a.txt", "sha256": DIGEST}
    assert "hello" not in repr(found)


def test_a_file_may_be_a_bare_path_where_it_is_always_one(folder: Path) -> None:
    found = Holder.model_validate({"source": "a.txt"}, context={"folder": folder})

    assert found.source.content == b"hello"
    assert [form.get("type", form.get("$ref")) for form in TypeAdapter(PathOrHostFile).json_schema()["anyOf"]] == [
        "string",
        "#/$defs/HostFile",
    ]


# What is told to whoever keeps a record of all that was read.
def noted(folder: Path, name: str) -> list[str]:
    read: list[str] = []
    with contextlib.suppress(ValidationError):
        HostFile.model_validate({"file": name}, context={"folder": folder, "read": read})
    return read


def test_what_was_read_is_noted(folder: Path) -> None:
    assert noted(folder, "a.txt") == [DIGEST]
    assert noted(folder, "none.txt") == []


def test_a_name_that_waits_for_facts_notes_all_that_it_may_become(folder: Path) -> None:
    (folder / "b[1].txt").write_bytes(b"hello")
    (folder / "parts").mkdir()
    (folder / "parts" / "c.txt").write_bytes(b"hello")

    assert noted(folder, "${{ facts.family }}.txt") == [f"{name} {name} {DIGEST}" for name in ("a.txt", "b[1].txt")]
    assert noted(folder, "b[${{ facts.version }}].txt") == [f"b[1].txt b[1].txt {DIGEST}"]
    assert noted(folder, "p${{ facts.family }}") == [f"parts c.txt {DIGEST}"]
    assert noted(folder, f"{folder}/a.${{{{ facts.family }}}}") == [f"{folder}/a.txt a.txt {DIGEST}"]
