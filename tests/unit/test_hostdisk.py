from __future__ import annotations

from pathlib import Path

import pytest

from imagekit.hostdisk import HostDiskFull, in_mib, replace_text

FOLDER = Path("/images")


def test_sizes_below_a_mebibyte_are_told_in_bytes():
    assert in_mib(513) == "513 bytes"
    assert in_mib(3 << 20) == "3 MiB"


def test_a_full_disk_says_how_much_is_needed_and_how_much_there_is():
    full = HostDiskFull(FOLDER, 1 << 30, 1 << 20)

    assert full.message == "the file system of /images is full: about 1024 MiB are needed, 1 MiB are free"
    assert full.fix


def test_what_nobody_measured_is_left_out():
    assert HostDiskFull(FOLDER).message == "the file system of /images is full"
    assert HostDiskFull(FOLDER, free=0).message == "the file system of /images is full: 0 bytes are free"


def test_a_text_takes_the_place_of_what_was_there_whole(tmp_path):
    (tmp_path / "page").write_text("old")

    replace_text(tmp_path / "page", "größe\n")

    assert (tmp_path / "page").read_text(encoding="utf-8") == "größe\n"
    assert [path.name for path in tmp_path.iterdir()] == ["page"]


def test_a_text_that_cannot_be_written_leaves_nothing(tmp_path):
    with pytest.raises(UnicodeEncodeError):
        replace_text(tmp_path / "page", "\ud800")
    (tmp_path / "folder").mkdir()
    with pytest.raises(IsADirectoryError):
        replace_text(tmp_path / "folder", "")

    assert [path.name for path in tmp_path.iterdir()] == ["folder"]
