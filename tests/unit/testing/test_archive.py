from __future__ import annotations

import io
import tarfile
from typing import TYPE_CHECKING

import pytest

from imagekit.guest.errors import NoSuchFile, VerbFailed
from imagekit.testing import archive
from imagekit.testing.contract.base import make_tar
from imagekit.testing.memory import File, Link, MemoryGuest, Special

if TYPE_CHECKING:
    from pathlib import Path


def test_what_was_packed_is_unpacked_as_it_was(tmp_path: Path) -> None:
    guest = MemoryGuest({"/a/x": File("é", 0o4750, 1, 2), "/link": Link("/a"), "/fifo": Special(0o620)})
    archive.pack(guest.tree, tmp_path / "a.tar")
    again = MemoryGuest()
    archive.unpack(again.tree, tmp_path / "a.tar", "/")

    assert {path: again.lstat(path) for path in again.find("/")} == {
        path: guest.lstat(path) for path in guest.find("/")
    }
    assert again.read_file("/link/x") == "é".encode()


def test_a_packed_tar_holds_owners_attributes_and_no_times(tmp_path: Path) -> None:
    guest = MemoryGuest({"/x": File("", 0o600, 3, 4, {"user.a": b"v"})})
    archive.pack(guest.tree, tmp_path / "a.tar")

    with tarfile.open(tmp_path / "a.tar") as opened:
        member = opened.getmember("./x")
    assert (member.mode, member.uid, member.gid, member.mtime) == (0o600, 3, 4, 0)
    assert member.pax_headers["SCHILY.xattr.user.a"] == "v"


def test_a_directory_in_a_tar_replaces_a_link_and_keeps_a_directory(tmp_path: Path) -> None:
    guest = MemoryGuest({"/d/old": "kept", "/link": Link("d")})
    archive.unpack(guest.tree, make_tar(tmp_path / "a.tar", {"d": None, "link": None, "link/new": b"x"}), "/")

    assert guest.ls("/d") == ("old",)
    assert guest.lstat("/d").mode == 0o750
    assert guest.is_dir("/link")
    assert guest.ls("/link") == ("new",)


def test_parents_that_a_tar_does_not_name_are_made(tmp_path: Path) -> None:
    guest = MemoryGuest()
    archive.unpack(guest.tree, make_tar(tmp_path / "a.tar", {"/a/b/c": b"x"}), "/")

    assert guest.lstat("/a/b").mode == 0o755
    assert guest.read_file("/a/b/c") == b"x"


def test_a_hard_link_is_a_second_name_of_the_file(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "a.tar", "w") as opened:
        first = tarfile.TarInfo("first")
        first.size = 1
        opened.addfile(first, io.BytesIO(b"x"))
        second = tarfile.TarInfo("second")
        second.type, second.linkname = tarfile.LNKTYPE, "first"
        opened.addfile(second)
    guest = MemoryGuest()
    archive.unpack(guest.tree, tmp_path / "a.tar", "/")
    guest.write("/second", "changed")

    assert guest.read_file("/first") == b"changed"


def test_what_cannot_be_unpacked_is_refused(tmp_path: Path) -> None:
    guest = MemoryGuest({"/d/x": ""})
    with tarfile.open(tmp_path / "link.tar", "w") as opened:
        member = tarfile.TarInfo("second")
        member.type, member.linkname = tarfile.LNKTYPE, "nothing"
        opened.addfile(member)

    with pytest.raises(VerbFailed, match="member"):
        archive.unpack(guest.tree, make_tar(tmp_path / "a.tar", {"../x": b""}), "/d")
    with pytest.raises(VerbFailed, match="directory is there"):
        archive.unpack(guest.tree, make_tar(tmp_path / "a.tar", {"d": b""}), "/")
    with pytest.raises(NoSuchFile):
        archive.unpack(guest.tree, tmp_path / "link.tar", "/")
