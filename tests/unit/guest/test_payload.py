from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from imagekit.guest import payload
from imagekit.guest.errors import VerbFailed
from imagekit.guest.observe import Content
from imagekit.testing.contract.base import make_tar

if TYPE_CHECKING:
    from pathlib import Path

LARGE = bytes(range(256)) * 8200


@pytest.mark.parametrize("data", [b"", b"text\n", b"\xff", LARGE], ids=["empty", "text", "binary", "large"])
def test_a_host_file_is_digested_without_being_held(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "x").write_bytes(data)

    assert payload.of_file(tmp_path / "x") == Content.of(data)


def test_the_members_of_a_tar_come_in_its_order_with_their_content(tmp_path: Path) -> None:
    source = make_tar(tmp_path / "a.tar", {"d": None, "d/x": b"text", "d/link": "x", "large": LARGE})
    members = payload.of_tar(source)

    assert [member.name for member in members] == ["d", "d/x", "d/link", "large"]
    assert [member.is_directory for member in members] == [True, False, False, False]
    assert members[1].content == Content.of(b"text")
    assert members[2].content is None
    assert members[3].content == Content(len(LARGE), hashlib.sha256(LARGE).hexdigest(), None)


@pytest.mark.parametrize("name", ["../x", "a/../../x", ".."])
def test_a_member_that_climbs_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(VerbFailed, match="member"):
        payload.of_tar(make_tar(tmp_path / "a.tar", {name: b"x"}))


def test_what_is_no_tar_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.tar").write_bytes(b"no tar" * 200)

    with pytest.raises(VerbFailed, match="cannot be read"):
        payload.of_tar(tmp_path / "a.tar")
