"""The verbs that look at a guest."""
# ruff: noqa: D102, S101  pytest wants methods and asserts; a test's name is its sentence

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from imagekit.guest.errors import GuestError, NoSuchFile, WrongKind
from imagekit.testing.contract.base import FIVE_MIB, PlaceContract

if TYPE_CHECKING:
    from imagekit.guest.protocol import Guest


class LookContract(PlaceContract):
    """What each looking verb returns, and how it fails."""

    @pytest.fixture
    def furnished(self, guest: Guest, place: str) -> str:
        """Return a directory with a file, a folder, and links that lead to them, nowhere, and round in a circle."""
        guest.write(f"{place}/file", "text\n")
        guest.mkdir_p(f"{place}/folder")
        guest.ln_sf("file", f"{place}/to-file")
        guest.ln_sf("folder", f"{place}/to-folder")
        guest.ln_sf("nothing", f"{place}/dangling")
        guest.ln_sf("loop", f"{place}/loop")
        return place

    @pytest.mark.parametrize("name", ["file", "folder", "to-file", "to-folder"])
    def test_what_is_there_exists(self, guest: Guest, furnished: str, name: str) -> None:
        assert guest.exists(f"{furnished}/{name}")

    @pytest.mark.parametrize("name", ["nothing", "dangling", "loop", "nothing/x", "file/x", "dangling/x", "loop/x"])
    def test_what_leads_nowhere_does_not_exist_and_is_of_no_kind(self, guest: Guest, furnished: str, name: str) -> None:
        path = f"{furnished}/{name}"

        assert not guest.exists(path)
        assert not guest.is_file(path)
        assert not guest.is_file(path, followsymlinks=True)
        assert not guest.is_dir(path)
        assert not guest.is_dir(path, followsymlinks=True)
        assert guest.is_symlink(path) == (name in {"dangling", "loop"})

    def test_a_kind_is_that_of_the_path_itself_unless_links_are_followed(self, guest: Guest, furnished: str) -> None:
        assert guest.is_file(f"{furnished}/file")
        assert not guest.is_file(f"{furnished}/folder")
        assert not guest.is_file(f"{furnished}/to-file")
        assert guest.is_file(f"{furnished}/to-file", followsymlinks=True)
        assert guest.is_dir(f"{furnished}/folder")
        assert not guest.is_dir(f"{furnished}/file")
        assert not guest.is_dir(f"{furnished}/to-folder")
        assert guest.is_dir(f"{furnished}/to-folder", followsymlinks=True)
        assert guest.is_symlink(f"{furnished}/to-file")
        assert not guest.is_symlink(f"{furnished}/file")

    def test_lstat_tells_kind_mode_owner_and_size(self, guest: Guest, furnished: str) -> None:
        guest.chown(1000, 100, f"{furnished}/file")
        guest.chmod(0o4750, f"{furnished}/file")
        stat = guest.lstat(f"{furnished}/file")

        assert (stat.kind, stat.mode, stat.uid, stat.gid, stat.size) == ("file", 0o4750, 1000, 100, 5)
        assert guest.lstat(f"{furnished}/folder").kind == "directory"
        assert guest.lstat(f"{furnished}/to-folder").kind == "symlink"
        assert guest.lstat(f"{furnished}/dangling").kind == "symlink"
        assert guest.lstat("/").kind == "directory"

    def test_readlink_returns_the_target_as_it_is_written(self, guest: Guest, furnished: str) -> None:
        guest.ln_sf("/no/../such/./place", f"{furnished}/odd")

        assert guest.readlink(f"{furnished}/odd") == "/no/../such/./place"
        assert guest.readlink(f"{furnished}/loop") == "loop"

    def test_readlink_of_something_else_is_the_wrong_kind(self, guest: Guest, furnished: str) -> None:
        with pytest.raises(WrongKind):
            guest.readlink(f"{furnished}/file")
        with pytest.raises(WrongKind):
            guest.readlink(f"{furnished}/folder")

    def test_realpath_resolves_every_link_inside_the_guest(self, guest: Guest, furnished: str) -> None:
        guest.ln_sf(f"{furnished}/to-folder", f"{furnished}/absolute")
        guest.ln_sf("../" * 20 + furnished.lstrip("/"), f"{furnished}/over-the-top")
        guest.write(f"{furnished}/folder/x", "")

        assert guest.realpath(f"{furnished}/to-folder/x") == f"{furnished}/folder/x"
        assert guest.realpath(f"{furnished}/absolute/../to-file") == f"{furnished}/file"
        assert guest.realpath(f"{furnished}/over-the-top/absolute/x") == f"{furnished}/folder/x"
        assert guest.realpath("/..") == "/"

    @pytest.mark.parametrize("name", ["nothing", "dangling", "dangling/x"])
    @pytest.mark.parametrize("verb", ["realpath", "read_file", "ls", "find", "sha256"])
    def test_a_verb_that_follows_links_finds_nothing_at_their_end(
        self, guest: Guest, furnished: str, verb: str, name: str
    ) -> None:
        with pytest.raises(NoSuchFile) as caught:
            getattr(guest, verb)(f"{furnished}/{name}")

        assert caught.value.path == f"{furnished}/{name}"
        assert caught.value.verb == verb

    @pytest.mark.parametrize("verb", ["lstat", "readlink"])
    def test_a_verb_that_looks_at_the_path_itself_finds_nothing_there(
        self, guest: Guest, furnished: str, verb: str
    ) -> None:
        for name in ("nothing", "nothing/x", "dangling/x"):
            with pytest.raises(NoSuchFile):
                getattr(guest, verb)(f"{furnished}/{name}")

    @pytest.mark.parametrize("verb", ["realpath", "read_file", "ls", "find", "sha256"])
    def test_a_loop_of_links_is_an_error_and_not_a_hang(self, guest: Guest, furnished: str, verb: str) -> None:
        with pytest.raises(GuestError):
            getattr(guest, verb)(f"{furnished}/loop")
        with pytest.raises(GuestError):
            getattr(guest, verb)(f"{furnished}/loop/x")

    @pytest.mark.parametrize("content", [b"", b"\0\xff\r\n\x1b[31m", FIVE_MIB], ids=["empty", "binary", "5 MiB"])
    def test_read_file_and_its_digest_are_of_every_byte(self, guest: Guest, furnished: str, content: bytes) -> None:
        guest.write(f"{furnished}/file", content)

        assert guest.read_file(f"{furnished}/to-file") == content
        assert guest.sha256(f"{furnished}/to-file") == hashlib.sha256(content).hexdigest()
        assert guest.lstat(f"{furnished}/file").size == len(content)

    @pytest.mark.parametrize("name", ["folder", "to-folder"])
    def test_a_folder_has_no_content(self, guest: Guest, furnished: str, name: str) -> None:
        with pytest.raises(WrongKind):
            guest.read_file(f"{furnished}/{name}")
        with pytest.raises(WrongKind):
            guest.sha256(f"{furnished}/{name}")
        with pytest.raises(WrongKind):
            guest.pread(f"{furnished}/{name}", 1, 0)

    def test_pread_returns_fewer_bytes_at_the_end(self, guest: Guest, furnished: str) -> None:
        assert guest.pread(f"{furnished}/to-file", 2, 1) == b"ex"
        assert guest.pread(f"{furnished}/file", 100, 3) == b"t\n"
        assert guest.pread(f"{furnished}/file", 100, 5) == b""
        assert guest.pread(f"{furnished}/file", 100, 1000) == b""
        with pytest.raises(NoSuchFile):
            guest.pread(f"{furnished}/nothing", 1, 0)

    def test_ls_returns_sorted_names_with_hidden_ones(self, guest: Guest, furnished: str) -> None:
        for name in ("b", ".hidden", "a", "Z"):
            guest.write(f"{furnished}/folder/{name}", "")

        assert guest.ls(f"{furnished}/to-folder") == (".hidden", "Z", "a", "b")

    def test_ls_and_find_of_an_empty_folder_are_empty(self, guest: Guest, furnished: str) -> None:
        assert guest.ls(f"{furnished}/folder") == ()
        assert guest.find(f"{furnished}/folder") == ()

    @pytest.mark.parametrize("verb", ["ls", "find"])
    def test_a_file_holds_nothing_to_list(self, guest: Guest, furnished: str, verb: str) -> None:
        with pytest.raises(WrongKind):
            getattr(guest, verb)(f"{furnished}/to-file")

    def test_find_lists_all_that_is_below_and_follows_no_link_inside(self, guest: Guest, furnished: str) -> None:
        guest.mkdir_p(f"{furnished}/folder/.deep/er")
        guest.write(f"{furnished}/folder/.deep/er/x", "")
        guest.ln_sf("..", f"{furnished}/folder/up")
        names = (".deep", ".deep/er", ".deep/er/x", "up")

        assert guest.find(f"{furnished}/folder") == tuple(f"{furnished}/folder/{name}" for name in names)
        assert guest.find(f"{furnished}/to-folder") == tuple(f"{furnished}/to-folder/{name}" for name in names)

    def test_glob_expand_is_sorted_and_leaves_hidden_names_out(self, guest: Guest, furnished: str) -> None:
        for name in ("b1", "a1", "a2", ".a3"):
            guest.write(f"{furnished}/folder/{name}", "")

        def found(pattern: str) -> list[str]:
            return [path.removeprefix(f"{furnished}/") for path in guest.glob_expand(f"{furnished}/{pattern}")]

        assert found("folder/*") == ["folder/a1", "folder/a2", "folder/b1"]
        assert found("folder/.a*") == ["folder/.a3"]
        assert found("to-f*er/[ab]1") == ["to-folder/a1", "to-folder/b1"]
        assert found("folder/?[!1]") == ["folder/a2"]
        assert found("f*") == ["file", "folder"]
        assert found("d*") == ["dangling"]
        assert found("file") == ["file"]
        assert found("*/none*") == []
        assert found("nothing/*") == []

    def test_an_attribute_that_is_not_set_is_none(self, guest: Guest, furnished: str) -> None:
        assert guest.lgetxattr(f"{furnished}/file", "user.none") is None
        with pytest.raises(NoSuchFile):
            guest.lgetxattr(f"{furnished}/nothing", "user.none")
