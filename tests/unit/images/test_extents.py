from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from imagekit.images import extents
from imagekit.images.extents import data_of

if TYPE_CHECKING:
    from pathlib import Path

GIB = 1 << 30


@pytest.fixture
def sparse(tmp_path: Path) -> Path:
    """A GiB with bytes at its beginning, at its middle and at its end, and holes between."""
    path = tmp_path / "disk.raw"
    with path.open("wb") as opened:
        for offset in (0, GIB // 2, GIB - 4):
            opened.seek(offset)
            opened.write(b"data")
    return path


def test_every_byte_of_data_is_read_at_its_place(sparse: Path) -> None:
    read = {at + inner: piece[inner : inner + 4] for at, piece in data_of(sparse) for inner in (0, len(piece) - 4)}

    assert (read[0], read[GIB - 4]) == (b"data", b"data")
    assert any(at <= GIB // 2 < at + len(piece) and b"data" in piece for at, piece in data_of(sparse))


def test_holes_are_passed_over(sparse: Path) -> None:
    held = sum(len(piece) for _, piece in data_of(sparse))

    assert held <= max(sparse.stat().st_blocks * 512, 12)
    assert held < GIB // 100


def test_pieces_are_no_larger_than_asked_for_and_follow_on_each_other(tmp_path: Path) -> None:
    path = tmp_path / "full.raw"
    path.write_bytes(bytes(range(250)) * 41)
    pieces = list(data_of(path, piece=1000))

    assert {len(piece) for _, piece in pieces} == {1000, 250}
    assert b"".join(piece for _, piece in pieces) == path.read_bytes()
    assert [at for at, _ in pieces] == list(range(0, 10_250, 1000))


@pytest.mark.parametrize("size", [0, 1 << 20])
def test_a_file_of_no_data_has_no_pieces(tmp_path: Path, size: int) -> None:
    path = tmp_path / "empty.raw"
    path.touch()
    os.truncate(path, size)

    assert list(data_of(path)) == []


def test_a_file_system_that_cannot_tell_is_an_error(sparse: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> int:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(extents.os, "lseek", fail)

    with pytest.raises(OSError, match="Input/output error"):
        list(data_of(sparse))
