"""The verbs that change one path of a guest."""
# ruff: noqa: D102, S101  pytest wants methods and asserts; a test's name is its sentence

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from imagekit.guest.errors import GuestError, NoSuchFile, WrongKind
from imagekit.testing.contract.base import FIVE_MIB, PlaceContract

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from imagekit.guest.protocol import Guest

    Put = Callable[[Guest, str, bytes, Path], None]


def _write(guest: Guest, path: str, content: bytes, _: Path) -> None:
    guest.write(path, content)


def _append(guest: Guest, path: str, content: bytes, _: Path) -> None:
    guest.write_append(path, content)


def _upload(guest: Guest, path: str, content: bytes, folder: Path) -> None:
    (folder / "upload").write_bytes(content)
    guest.upload(folder / "upload", path)


PUTS = pytest.mark.parametrize("put", [_write, _append, _upload])


class ChangeContract(PlaceContract):
    """What each changing verb leaves behind, and how it fails."""

    @PUTS
    @pytest.mark.parametrize("content", [b"", b"\0\xff\r\n", FIVE_MIB], ids=["empty", "binary", "5 MiB"])
    def test_a_new_file_is_roots_and_has_every_byte(
        self, guest: Guest, place: str, tmp_path: Path, put: Put, content: bytes
    ) -> None:
        put(guest, f"{place}/new", content, tmp_path)
        stat = guest.lstat(f"{place}/new")

        assert (stat.kind, stat.mode, stat.uid, stat.gid) == ("file", 0o644, 0, 0)
        assert guest.read_file(f"{place}/new") == content

    @PUTS
    def test_new_content_keeps_mode_and_owner(self, guest: Guest, place: str, tmp_path: Path, put: Put) -> None:
        guest.write(f"{place}/old", "a longer text\n")
        guest.chown(1000, 100, f"{place}/old")
        guest.chmod(0o640, f"{place}/old")
        put(guest, f"{place}/old", b"new\n", tmp_path)
        stat = guest.lstat(f"{place}/old")

        assert (stat.mode, stat.uid, stat.gid) == (0o640, 1000, 100)
        assert guest.read_file(f"{place}/old").endswith(b"new\n")

    @PUTS
    def test_content_needs_a_folder_to_be_in_and_a_file_to_go_to(
        self, guest: Guest, place: str, tmp_path: Path, put: Put
    ) -> None:
        guest.write(f"{place}/file", "kept")

        with pytest.raises(NoSuchFile):
            put(guest, f"{place}/nothing/x", b"", tmp_path)
        with pytest.raises(WrongKind):
            put(guest, place, b"", tmp_path)
        with pytest.raises(GuestError):
            put(guest, f"{place}/file/x", b"", tmp_path)
        assert guest.read_file(f"{place}/file") == b"kept"

    def test_write_replaces_and_write_append_adds(self, guest: Guest, place: str) -> None:
        guest.write(f"{place}/x", "long old text\n")
        guest.write(f"{place}/x", "new é\n")
        guest.write_append(f"{place}/x", b"\xff")
        guest.write_append(f"{place}/x", "")

        assert guest.read_file(f"{place}/x") == "new é\n".encode() + b"\xff"

    def test_mkdir_p_makes_the_parents_and_keeps_what_is_there(self, guest: Guest, place: str) -> None:
        guest.mkdir_p(f"{place}/a/b")
        guest.chmod(0o700, f"{place}/a")
        guest.mkdir_p(f"{place}/a/b/c")
        stat = guest.lstat(f"{place}/a/b/c")

        assert (stat.kind, stat.mode, stat.uid, stat.gid) == ("directory", 0o755, 0, 0)
        assert guest.lstat(f"{place}/a").mode == 0o700

    def test_mkdir_p_does_not_replace_a_file(self, guest: Guest, place: str) -> None:
        guest.write(f"{place}/file", "kept")

        with pytest.raises(WrongKind):
            guest.mkdir_p(f"{place}/file")
        with pytest.raises(GuestError):
            guest.mkdir_p(f"{place}/file/below")
        assert guest.read_file(f"{place}/file") == b"kept"

    @pytest.mark.parametrize("verb", ["rm_f", "rm_rf", "erase"])
    def test_removing_a_file_twice_is_fine(self, guest: Guest, place: str, verb: str) -> None:
        guest.write(f"{place}/x", "secret")
        for _ in range(2):
            getattr(guest, verb)(f"{place}/x")
        getattr(guest, verb)(f"{place}/nothing/x")

        assert guest.ls(place) == ()

    def test_several_files_are_erased_at_once(self, guest: Guest, place: str) -> None:
        for name in ("a", "b", "kept"):
            guest.write(f"{place}/{name}", "secret")
        guest.write(f"{place}/empty", "")
        guest.erase(f"{place}/a", f"{place}/nothing", f"{place}/empty", f"{place}/b")
        guest.erase()

        assert guest.ls(place) == ("kept",)

    def test_nothing_is_erased_if_one_of_several_is_no_file(self, guest: Guest, place: str) -> None:
        guest.write(f"{place}/x", "secret")
        guest.mkdir_p(f"{place}/folder")

        with pytest.raises(WrongKind):
            guest.erase(f"{place}/x", f"{place}/folder")
        assert guest.read_file(f"{place}/x") == b"secret"

    @pytest.mark.parametrize("verb", ["rm_f", "erase"])
    def test_only_rm_rf_removes_a_folder(self, guest: Guest, place: str, verb: str) -> None:
        guest.mkdir_p(f"{place}/folder")

        with pytest.raises(WrongKind):
            getattr(guest, verb)(f"{place}/folder")
        assert guest.is_dir(f"{place}/folder")

    def test_rm_rf_removes_a_tree(self, guest: Guest, place: str) -> None:
        guest.mkdir_p(f"{place}/tree/.a/b")
        guest.write(f"{place}/tree/.a/b/x", "")
        guest.write(f"{place}/treehouse", "")
        guest.rm_rf(f"{place}/tree")

        assert guest.ls(place) == ("treehouse",)

    @pytest.mark.parametrize("mode", [0, 0o600, 0o755, 0o1777, 0o2755, 0o4755, 0o7777])
    @pytest.mark.parametrize("kind", ["file", "folder"])
    def test_chmod_sets_every_bit(self, guest: Guest, place: str, kind: str, mode: int) -> None:
        guest.write(f"{place}/file", "")
        guest.mkdir_p(f"{place}/folder")
        guest.chmod(mode, f"{place}/{kind}")

        assert guest.lstat(f"{place}/{kind}").mode == mode

    def test_chown_sets_both_numbers_and_drops_set_user_id_of_a_file(self, guest: Guest, place: str) -> None:
        guest.write(f"{place}/x", "")
        guest.chmod(0o6755, f"{place}/x")
        guest.chown(1000, 100, f"{place}/x")
        stat = guest.lstat(f"{place}/x")

        assert (stat.uid, stat.gid, stat.mode) == (1000, 100, 0o755)

    def test_touch_makes_an_empty_file_and_leaves_alone_what_is_there(self, guest: Guest, place: str) -> None:
        guest.write(f"{place}/old", "kept")
        guest.touch(f"{place}/old")
        guest.touch(f"{place}/new")
        guest.touch(place)
        stat = guest.lstat(f"{place}/new")

        assert guest.read_file(f"{place}/old") == b"kept"
        assert (stat.kind, stat.mode, stat.uid, stat.gid, stat.size) == ("file", 0o644, 0, 0, 0)
        with pytest.raises(NoSuchFile):
            guest.touch(f"{place}/nothing/x")

    def test_truncate_empties_a_file_and_keeps_mode_and_owner(self, guest: Guest, place: str) -> None:
        guest.write(f"{place}/log", "old lines\n")
        guest.chown(1000, 100, f"{place}/log")
        guest.chmod(0o640, f"{place}/log")
        guest.truncate(f"{place}/log")
        stat = guest.lstat(f"{place}/log")

        assert (stat.size, stat.mode, stat.uid, stat.gid) == (0, 0o640, 1000, 100)

    def test_several_files_are_emptied_at_once(self, guest: Guest, place: str) -> None:
        for name in ("a", "b", "kept"):
            guest.write(f"{place}/{name}", "secret")
        guest.truncate(f"{place}/a", f"{place}/b")
        guest.truncate()

        assert [guest.read_file(f"{place}/{name}") for name in ("a", "b", "kept")] == [b"", b"", b"secret"]

    def test_nothing_is_emptied_if_one_of_several_is_no_file(self, guest: Guest, place: str) -> None:
        guest.write(f"{place}/x", "secret")

        with pytest.raises(NoSuchFile):
            guest.truncate(f"{place}/x", f"{place}/nothing")
        assert guest.read_file(f"{place}/x") == b"secret"

    def test_truncate_makes_nothing(self, guest: Guest, place: str) -> None:
        with pytest.raises(NoSuchFile):
            guest.truncate(f"{place}/nothing")
        with pytest.raises(WrongKind):
            guest.truncate(place)
        assert guest.ls(place) == ()

    @pytest.mark.parametrize("value", [b"value", b"", b"\0\xff"])
    def test_an_attribute_comes_back_as_it_was_set(self, guest: Guest, place: str, value: bytes) -> None:
        guest.write(f"{place}/x", "")
        guest.setxattr(f"{place}/x", "user.imagekit", b"old")
        guest.setxattr(f"{place}/x", "user.imagekit", value)

        assert guest.lgetxattr(f"{place}/x", "user.imagekit") == value

    def test_what_is_not_there_cannot_be_changed(self, guest: Guest, place: str) -> None:
        with pytest.raises(NoSuchFile):
            guest.chmod(0o600, f"{place}/nothing")
        with pytest.raises(NoSuchFile):
            guest.chown(0, 0, f"{place}/nothing")
        with pytest.raises(NoSuchFile):
            guest.setxattr(f"{place}/nothing", "user.x", b"")
