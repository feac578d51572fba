from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from imagekit_cli.errors import CannotWrite
from imagekit_cli.saving import save

if TYPE_CHECKING:
    from pathlib import Path


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text("old")

    save("größe\n", tmp_path / "a.html", "the report")

    assert (tmp_path / "a.html").read_text(encoding="utf-8") == "größe\n"
    assert [path.name for path in tmp_path.iterdir()] == ["a.html"]


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(CannotWrite, match=r"the report .*a\.html: No such file"):
        save("", tmp_path / "none" / "a.html", "the report")


def test_what_cannot_be_replaced_leaves_nothing_beside_it(tmp_path: Path) -> None:
    (tmp_path / "a.html").mkdir()

    with pytest.raises(CannotWrite):
        save("", tmp_path / "a.html", "the report")

    assert [path.name for path in tmp_path.iterdir()] == ["a.html"]
