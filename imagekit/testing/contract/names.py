"""Names that a shell, an option parser or a line-wise list would misread, and paths that are none."""
# ruff: noqa: D102, S101  pytest wants methods and asserts; a test's name is its sentence

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from imagekit.guest.errors import BadGuestPath
from imagekit.testing.contract.base import PlaceContract, make_tar

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from imagekit.guest.protocol import Guest

    Act = Callable[[Guest, str, Path], object]

ODD_NAMES = (
    "with space",
    " edges ",
    "quo'te\"s",
    "new\nline",
    "tab\tand\x1b[31mred",
    "glob*?[a]{b,c}",
    "-rf",
    "$(exit 1)`;|&<>",
    "back\\slash",
    "ünï-日本-🐧",
    "~",
    "%s%n",
    "...",
    "a" * 255,
)

PATH_TAKERS: dict[str, Act] = {
    "exists": lambda guest, path, _: guest.exists(path),
    "is_file": lambda guest, path, _: guest.is_file(path),
    "is_dir": lambda guest, path, _: guest.is_dir(path),
    "is_symlink": lambda guest, path, _: guest.is_symlink(path),
    "lstat": lambda guest, path, _: guest.lstat(path),
    "readlink": lambda guest, path, _: guest.readlink(path),
    "realpath": lambda guest, path, _: guest.realpath(path),
    "read_file": lambda guest, path, _: guest.read_file(path),
    "pread": lambda guest, path, _: guest.pread(path, 1, 0),
    "ls": lambda guest, path, _: guest.ls(path),
    "glob_expand": lambda guest, path, _: guest.glob_expand(path),
    "find": lambda guest, path, _: guest.find(path),
    "sha256": lambda guest, path, _: guest.sha256(path),
    "lgetxattr": lambda guest, path, _: guest.lgetxattr(path, "user.x"),
    "write": lambda guest, path, _: guest.write(path, ""),
    "write_append": lambda guest, path, _: guest.write_append(path, ""),
    "upload": lambda guest, path, tar: guest.upload(tar, path),
    "tar_in": lambda guest, path, tar: guest.tar_in(tar, path),
    "mkdir_p": lambda guest, path, _: guest.mkdir_p(path),
    "rm_f": lambda guest, path, _: guest.rm_f(path),
    "rm_rf": lambda guest, path, _: guest.rm_rf(path),
    "erase": lambda guest, path, _: guest.erase(path),
    "mv from": lambda guest, path, _: guest.mv(path, "/contract/to"),
    "mv to": lambda guest, path, _: guest.mv("/contract", path),
    "cp_a from": lambda guest, path, _: guest.cp_a(path, "/contract/to"),
    "cp_a to": lambda guest, path, _: guest.cp_a("/contract", path),
    "ln_sf": lambda guest, path, _: guest.ln_sf("target", path),
    "chmod": lambda guest, path, _: guest.chmod(0o600, path),
    "chown": lambda guest, path, _: guest.chown(0, 0, path),
    "touch": lambda guest, path, _: guest.touch(path),
    "truncate": lambda guest, path, _: guest.truncate(path),
    "setxattr": lambda guest, path, _: guest.setxattr(path, "user.x", b""),
}


class NameContract(PlaceContract):
    """Every verb takes every name, and no verb takes what is no path."""

    @pytest.mark.parametrize("name", ODD_NAMES)
    def test_a_file_of_any_name_can_be_made_found_and_changed(self, guest: Guest, place: str, name: str) -> None:
        path = f"{place}/{name}"
        guest.write(path, "text")
        guest.write_append(path, "!")
        guest.chmod(0o600, path)
        guest.chown(1000, 100, path)
        guest.setxattr(path, "user.x", b"set")

        assert guest.ls(place) == (name,)
        assert guest.find(place) == (path,)
        assert guest.glob_expand(f"{place}/*") == (() if name.startswith(".") else (path,))
        assert guest.read_file(path) == b"text!"
        assert guest.lstat(path).uid == 1000
        assert guest.lgetxattr(path, "user.x") == b"set"
        assert guest.realpath(path) == path

    @pytest.mark.parametrize("name", ODD_NAMES)
    def test_a_folder_of_any_name_can_be_filled_moved_and_removed(
        self, guest: Guest, place: str, tmp_path: Path, name: str
    ) -> None:
        guest.mkdir_p(f"{place}/{name}")
        guest.tar_in(make_tar(tmp_path / "a.tar", {f"{name}/{name}": b"x"}), place)
        guest.cp_a(f"{place}/{name}/{name}", f"{place}/{name}/copy")
        guest.mv(f"{place}/{name}/copy", f"{place}/moved")
        guest.mv(f"{place}/moved", f"{place}/{name}")

        assert set(guest.ls(f"{place}/{name}")) == {name, "moved"}
        guest.rm_rf(f"{place}/{name}")
        assert guest.ls(place) == ()

    @pytest.mark.parametrize("name", ODD_NAMES)
    def test_a_link_may_have_and_point_at_any_name(self, guest: Guest, place: str, name: str) -> None:
        guest.mkdir_p(f"{place}/folder")
        guest.write(f"{place}/folder/{name}", "text")
        guest.ln_sf(f"folder/{name}", f"{place}/{name}")
        guest.ln_sf(name, f"{place}/bare")

        assert guest.readlink(f"{place}/bare") == name
        assert guest.readlink(f"{place}/{name}") == f"folder/{name}"
        assert guest.read_file(f"{place}/{name}") == b"text"
        assert guest.read_file(f"{place}/bare") == b"text"

    @pytest.mark.parametrize("verb", ["rm_f", "rm_rf", "erase"])
    def test_a_name_with_pattern_characters_stands_for_itself(self, guest: Guest, place: str, verb: str) -> None:
        for name in ("a*", "ab", "a?", "{ab,ac}"):
            guest.write(f"{place}/{name}", "")
        for name in ("a*", "a?", "{ab,ac}"):
            getattr(guest, verb)(f"{place}/{name}")

        assert guest.ls(place) == ("ab",)

    @pytest.mark.parametrize("path", ["{place}//x", "{place}/./x", "{place}/folder/../x", "/..{place}/x"])
    def test_a_path_may_be_written_in_more_than_one_way(self, guest: Guest, place: str, path: str) -> None:
        guest.mkdir_p(f"{place}/folder")
        guest.write(path.format(place=place), "text")
        guest.write(f"{place}/x", "again")

        assert guest.read_file(path.format(place=place)) == b"again"
        assert guest.ls(place) == ("folder", "x")

    def test_a_final_slash_changes_nothing(self, guest: Guest, place: str) -> None:
        guest.mkdir_p(f"{place}/folder/")
        guest.write(f"{place}/folder/x", "")
        guest.ln_sf("folder", f"{place}/link")

        assert guest.find(f"{place}/folder/") == (f"{place}/folder/x",)
        assert guest.is_symlink(f"{place}/link/")
        guest.rm_rf(f"{place}/link/")
        assert guest.ls(place) == ("folder",)
        assert guest.ls(f"{place}/folder") == ("x",)

    @pytest.mark.parametrize("verb", PATH_TAKERS)
    @pytest.mark.parametrize("path", ["", "relative/path", "./x", "/with\0nul", "/lone\ud800surrogate"], ids=ascii)
    def test_what_is_no_guest_path_is_refused(self, guest: Guest, tmp_path: Path, verb: str, path: str) -> None:
        source = make_tar(tmp_path / "a.tar", {})
        guest.mkdir_p("/contract")

        with pytest.raises(BadGuestPath):
            PATH_TAKERS[verb](guest, path, source)
