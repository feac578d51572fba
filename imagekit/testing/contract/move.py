"""The verbs that move, copy, link and unpack."""
# ruff: noqa: D102, S101  pytest wants methods and asserts; a test's name is its sentence

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from imagekit.guest.errors import GuestError, NoSuchFile, WrongKind
from imagekit.testing.contract.base import FIVE_MIB, PlaceContract, make_tar

if TYPE_CHECKING:
    from pathlib import Path

    from imagekit.guest.protocol import Guest


def _tree(guest: Guest, place: str) -> None:
    """Make {place}/tree: an owned file, a folder, and a link to the file."""
    guest.mkdir_p(f"{place}/tree/sub")
    guest.write(f"{place}/tree/sub/file", "text")
    guest.chown(1000, 100, f"{place}/tree/sub/file")
    guest.chmod(0o4750, f"{place}/tree/sub/file")
    guest.chmod(0o2770, f"{place}/tree/sub")
    guest.ln_sf("sub/file", f"{place}/tree/link")


class MoveContract(PlaceContract):
    """Where things are after they were moved, copied, linked or unpacked."""

    @pytest.mark.parametrize("verb", ["mv", "cp_a"])
    def test_a_tree_arrives_as_it_was(self, guest: Guest, place: str, verb: str) -> None:
        _tree(guest, place)
        getattr(guest, verb)(f"{place}/tree", f"{place}/other")
        stat = guest.lstat(f"{place}/other/sub/file")

        assert (stat.mode, stat.uid, stat.gid) == (0o4750, 1000, 100)
        assert guest.read_file(f"{place}/other/sub/file") == b"text"
        assert guest.lstat(f"{place}/other/sub").mode == 0o2770
        assert guest.readlink(f"{place}/other/link") == "sub/file"
        assert guest.exists(f"{place}/tree") == (verb == "cp_a")

    @pytest.mark.parametrize("verb", ["mv", "cp_a"])
    def test_a_folder_that_is_there_is_gone_into(self, guest: Guest, place: str, verb: str) -> None:
        guest.write(f"{place}/x", "new")
        guest.mkdir_p(f"{place}/folder")
        guest.write(f"{place}/folder/x", "old")
        getattr(guest, verb)(f"{place}/x", f"{place}/folder")

        assert guest.read_file(f"{place}/folder/x") == b"new"
        assert guest.exists(f"{place}/x") == (verb == "cp_a")

    @pytest.mark.parametrize("verb", ["mv", "cp_a"])
    def test_a_file_that_is_there_is_replaced_with_mode_and_owner(self, guest: Guest, place: str, verb: str) -> None:
        guest.write(f"{place}/x", "new")
        guest.chown(1000, 100, f"{place}/x")
        guest.chmod(0o600, f"{place}/x")
        guest.write(f"{place}/y", "a longer old text")
        getattr(guest, verb)(f"{place}/x", f"{place}/y")
        stat = guest.lstat(f"{place}/y")

        assert guest.read_file(f"{place}/y") == b"new"
        assert (stat.mode, stat.uid, stat.gid) == (0o600, 1000, 100)

    @pytest.mark.parametrize("verb", ["mv", "cp_a"])
    def test_both_ends_must_be_there(self, guest: Guest, place: str, verb: str) -> None:
        guest.write(f"{place}/x", "kept")

        with pytest.raises(NoSuchFile) as caught:
            getattr(guest, verb)(f"{place}/nothing", f"{place}/y")
        assert caught.value.path == f"{place}/nothing"
        with pytest.raises(NoSuchFile):
            getattr(guest, verb)(f"{place}/x", f"{place}/nothing/y")
        assert guest.read_file(f"{place}/x") == b"kept"

    @pytest.mark.parametrize("verb", ["mv", "cp_a"])
    def test_what_cannot_be_is_an_error_and_loses_nothing(self, guest: Guest, place: str, verb: str) -> None:
        _tree(guest, place)
        guest.write(f"{place}/file", "kept")
        act = getattr(guest, verb)

        with pytest.raises(GuestError):
            act(f"{place}/tree", f"{place}/file")
        with pytest.raises(GuestError):
            act(f"{place}/tree", f"{place}/tree/sub")
        with pytest.raises(GuestError):
            act(f"{place}/file", f"{place}/file")
        assert guest.read_file(f"{place}/file") == b"kept"
        assert guest.read_file(f"{place}/tree/link") == b"text"

    def test_cp_a_merges_into_a_folder_of_the_same_name(self, guest: Guest, place: str) -> None:
        _tree(guest, place)
        guest.mkdir_p(f"{place}/to/tree/sub")
        guest.write(f"{place}/to/tree/sub/mine", "kept")
        guest.cp_a(f"{place}/tree", f"{place}/to")

        assert guest.ls(f"{place}/to/tree/sub") == ("file", "mine")

    def test_cp_a_makes_a_copy_that_lives_alone(self, guest: Guest, place: str) -> None:
        guest.write(f"{place}/x", FIVE_MIB)
        guest.cp_a(f"{place}/x", f"{place}/y")
        guest.write(f"{place}/x", "")

        assert guest.read_file(f"{place}/y") == FIVE_MIB

    def test_mv_replaces_an_empty_folder_but_not_a_full_one(self, guest: Guest, place: str) -> None:
        _tree(guest, place)
        guest.mkdir_p(f"{place}/empty/tree")
        guest.mkdir_p(f"{place}/full/tree/x")

        with pytest.raises(GuestError):
            guest.mv(f"{place}/tree", f"{place}/full")
        guest.mv(f"{place}/tree", f"{place}/empty")
        assert guest.ls(f"{place}/empty/tree") == ("link", "sub")
        assert guest.ls(f"{place}/full/tree") == ("x",)

    def test_ln_sf_replaces_a_file_but_not_a_folder(self, guest: Guest, place: str) -> None:
        guest.write(f"{place}/x", "")
        guest.mkdir_p(f"{place}/folder")
        guest.ln_sf("target", f"{place}/x")

        assert guest.readlink(f"{place}/x") == "target"
        with pytest.raises(WrongKind):
            guest.ln_sf("target", f"{place}/folder")
        assert guest.ls(f"{place}/folder") == ()
        with pytest.raises(NoSuchFile):
            guest.ln_sf("target", f"{place}/nothing/x")

    def test_tar_in_unpacks_with_numeric_owners_and_modes(self, guest: Guest, place: str, tmp_path: Path) -> None:
        source = make_tar(tmp_path / "a.tar", {"d": None, "d/file": b"\0text", "d/link": "file", "empty": b""})
        guest.tar_in(source, place)
        file, folder = guest.lstat(f"{place}/d/file"), guest.lstat(f"{place}/d")

        assert guest.read_file(f"{place}/d/file") == b"\0text"
        assert (file.mode, file.uid, file.gid) == (0o640, 1000, 100)
        assert (folder.kind, folder.mode, folder.uid) == ("directory", 0o750, 1000)
        assert guest.readlink(f"{place}/d/link") == "file"
        assert guest.lstat(f"{place}/empty").size == 0

    def test_tar_in_replaces_files_and_keeps_the_rest(self, guest: Guest, place: str, tmp_path: Path) -> None:
        guest.mkdir_p(f"{place}/d")
        guest.write(f"{place}/d/old", "kept")
        guest.write(f"{place}/d/file", "replaced")
        guest.tar_in(make_tar(tmp_path / "a.tar", {"d": None, "d/file": FIVE_MIB}), place)

        assert guest.read_file(f"{place}/d/file") == FIVE_MIB
        assert guest.read_file(f"{place}/d/old") == b"kept"

    def test_tar_in_needs_a_folder(self, guest: Guest, place: str, tmp_path: Path) -> None:
        source = make_tar(tmp_path / "a.tar", {"file": b"x"})
        guest.write(f"{place}/file", "kept")

        with pytest.raises(NoSuchFile):
            guest.tar_in(source, f"{place}/nothing")
        with pytest.raises(WrongKind):
            guest.tar_in(source, f"{place}/file")
        assert guest.read_file(f"{place}/file") == b"kept"

    def test_tar_in_refuses_what_is_no_archive(self, guest: Guest, place: str, tmp_path: Path) -> None:
        (tmp_path / "broken.tar").write_bytes(b"not a tar" * 1000)

        with pytest.raises(GuestError):
            guest.tar_in(tmp_path / "broken.tar", place)
