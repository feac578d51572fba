from __future__ import annotations

import tarfile
from typing import TYPE_CHECKING

import pytest

from imagekit.testing.contract.base import FIVE_MIB, PlaceContract, make_tar

if TYPE_CHECKING:
    from pathlib import Path


def test_five_mib_is_more_than_a_message_holds() -> None:
    assert len(FIVE_MIB) == 5 << 20


def test_a_tar_holds_files_folders_and_links(tmp_path: Path) -> None:
    with tarfile.open(make_tar(tmp_path / "a.tar", {"d": None, "d/x": b"text", "link": "d"})) as archive:
        folder, file, link = archive.getmembers()

    assert folder.isdir()
    assert (file.size, file.mode, file.uid, file.gid) == (4, 0o640, 1000, 100)
    assert link.linkname == "d"


def test_the_suite_asks_for_its_guest() -> None:
    assert not hasattr(PlaceContract, "test_anything")
    with pytest.raises(NotImplementedError, match="gives the guest"):
        PlaceContract.guest.__wrapped__(PlaceContract())
