"""Links in the parents of a path and at its end, for every verb that changes something.

Absolute targets are where a verb most easily leaves the guest: it must restart at the guest's root, whatever the
root of the process is that does the work.
"""
# ruff: noqa: D102, S101  pytest wants methods and asserts; a test's name is its sentence

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pytest

from imagekit.guest.errors import GuestError, NoSuchFile, WrongKind
from imagekit.testing.contract.base import PlaceContract, make_tar

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from imagekit.guest.protocol import Guest

    Act = Callable[[Guest, str, Path], None]


def _upload(guest: Guest, path: str, folder: Path) -> None:
    (folder / "x").write_bytes(b"x")
    guest.upload(folder / "x", path)


MAKERS: dict[str, Act] = {
    "write": lambda guest, path, _: guest.write(path, "x"),
    "write_append": lambda guest, path, _: guest.write_append(path, "x"),
    "upload": _upload,
    "touch": lambda guest, path, _: guest.touch(path),
}
CHANGERS: dict[str, Act] = {
    "chmod": lambda guest, path, _: guest.chmod(0o600, path),
    "chown": lambda guest, path, _: guest.chown(1000, 100, path),
    "setxattr": lambda guest, path, _: guest.setxattr(path, "user.x", b"x"),
    "truncate": lambda guest, path, _: guest.truncate(path),
}
REMOVERS: dict[str, Act] = {
    "rm_f": lambda guest, path, _: guest.rm_f(path),
    "rm_rf": lambda guest, path, _: guest.rm_rf(path),
}
OTHERS: dict[str, Act] = {
    "mkdir_p": lambda guest, path, _: guest.mkdir_p(path),
    "ln_sf": lambda guest, path, _: guest.ln_sf("target", path),
}
ALL_BUT_REMOVERS: dict[str, Act] = {**MAKERS, **CHANGERS, **OTHERS}
WAYS = ("relative", "absolute", "chain", "up", "over-the-top")


class LinkContract(PlaceContract):
    """What links do to each changing verb."""

    @pytest.fixture(params=WAYS)
    def way(self, guest: Guest, place: str, request: pytest.FixtureRequest) -> str:
        """Return a link that leads to {place}/real, a folder, each time written otherwise."""
        guest.mkdir_p(f"{place}/real/sub")
        guest.ln_sf("real", f"{place}/relative")
        guest.ln_sf(f"{place}/real", f"{place}/absolute")
        guest.ln_sf(f"{place}/relative", f"{place}/chain")
        guest.ln_sf(f"{place}/absolute/sub/..", f"{place}/up")
        guest.ln_sf("../" * 20 + place.lstrip("/") + "/absolute", f"{place}/over-the-top")
        return f"{place}/{request.param}"

    # A link among the parents.
    @pytest.mark.parametrize("verb", MAKERS)
    def test_a_file_is_made_below_a_linked_folder(
        self, guest: Guest, place: str, tmp_path: Path, way: str, verb: str
    ) -> None:
        MAKERS[verb](guest, f"{way}/new", tmp_path)

        assert guest.ls(f"{place}/real") == ("new", "sub")
        assert guest.is_symlink(way)

    def test_a_file_is_changed_below_a_linked_folder(self, guest: Guest, place: str, way: str) -> None:
        guest.write(f"{place}/real/x", "old")
        guest.truncate(f"{way}/x")
        guest.chown(1000, 100, f"{way}/x")
        guest.chmod(0o600, f"{way}/x")
        guest.setxattr(f"{way}/x", "user.x", b"set")
        stat = guest.lstat(f"{place}/real/x")

        assert (stat.size, stat.mode, stat.uid, stat.gid) == (0, 0o600, 1000, 100)
        assert guest.lgetxattr(f"{place}/real/x", "user.x") == b"set"
        assert guest.lstat(f"{way}/x") == stat

    @pytest.mark.parametrize("verb", ["rm_f", "rm_rf", "erase"])
    def test_a_file_is_really_removed_below_a_linked_folder(
        self, guest: Guest, place: str, way: str, verb: str
    ) -> None:
        guest.write(f"{place}/real/x", "secret")
        getattr(guest, verb)(f"{way}/x")

        assert guest.ls(f"{place}/real") == ("sub",)

    def test_a_tree_is_really_removed_below_a_linked_folder(self, guest: Guest, place: str, way: str) -> None:
        guest.write(f"{place}/real/sub/x", "secret")
        guest.rm_rf(f"{way}/sub")

        assert guest.ls(f"{place}/real") == ()

    def test_folders_and_links_are_made_below_a_linked_folder(self, guest: Guest, place: str, way: str) -> None:
        guest.mkdir_p(f"{way}/a/b")
        guest.mkdir_p(way)
        guest.ln_sf("target", f"{way}/link")

        assert guest.is_dir(f"{place}/real/a/b")
        assert guest.readlink(f"{place}/real/link") == "target"
        assert guest.is_symlink(way)

    def test_mv_takes_from_and_puts_into_a_linked_folder(self, guest: Guest, place: str, way: str) -> None:
        guest.write(f"{place}/x", "moved")
        guest.mv(f"{place}/x", way)
        guest.mv(f"{way}/x", f"{way}/y")
        guest.mv(f"{way}/y", f"{way}/sub")
        guest.mv(f"{way}/sub/y", f"{place}/z")

        assert guest.read_file(f"{place}/z") == b"moved"
        assert guest.find(f"{place}/real") == (f"{place}/real/sub",)

    def test_cp_a_takes_from_and_puts_into_a_linked_folder(self, guest: Guest, place: str, way: str) -> None:
        guest.write(f"{place}/x", "copied")
        guest.cp_a(f"{place}/x", way)
        guest.cp_a(f"{way}/x", f"{way}/sub/y")
        guest.cp_a(f"{way}/sub", f"{place}/z")

        assert guest.read_file(f"{place}/real/x") == b"copied"
        assert guest.read_file(f"{place}/real/sub/y") == b"copied"
        assert guest.read_file(f"{place}/z/y") == b"copied"

    def test_tar_in_unpacks_into_a_linked_folder(self, guest: Guest, place: str, tmp_path: Path, way: str) -> None:
        guest.tar_in(make_tar(tmp_path / "a.tar", {"file": b"x"}), way)
        guest.tar_in(make_tar(tmp_path / "a.tar", {"file": b"y"}), f"{way}/sub")

        assert guest.read_file(f"{place}/real/file") == b"x"
        assert guest.read_file(f"{place}/real/sub/file") == b"y"

    def test_looking_works_through_a_linked_folder(self, guest: Guest, place: str, way: str) -> None:
        guest.write(f"{place}/real/x", "text")

        assert guest.exists(f"{way}/x")
        assert guest.pread(f"{way}/x", 2, 2) == b"xt"
        assert guest.realpath(f"{way}/x") == f"{place}/real/x"
        assert guest.ls(way) == ("sub", "x")
        assert guest.find(way) == (f"{way}/sub", f"{way}/x")
        assert guest.glob_expand(f"{way}/*") == (f"{way}/sub", f"{way}/x")

    def test_a_link_to_a_system_folder_stays_in_the_guest(self, guest: Guest, place: str) -> None:
        name = place.rpartition("/")[2]
        guest.mkdir_p(f"/etc/{name}")
        guest.ln_sf("/etc", f"{place}/etc")
        try:
            guest.write(f"{place}/etc/{name}/written", "x")
            guest.cp_a(f"{place}/etc/{name}/written", f"{place}/etc/{name}/copied")
            guest.mv(f"{place}/etc/{name}/copied", f"{place}/etc/{name}/moved")

            assert guest.ls(f"/etc/{name}") == ("moved", "written")
        finally:
            guest.rm_rf(f"{place}/etc/{name}")
        assert not guest.exists(f"/etc/{name}")

    @pytest.mark.parametrize("verb", ALL_BUT_REMOVERS)
    @pytest.mark.parametrize("target", ["nothing", "/contract/nothing", "loop"])
    def test_below_a_link_that_leads_nowhere_nothing_is_made(
        self, guest: Guest, place: str, tmp_path: Path, verb: str, target: str
    ) -> None:
        guest.ln_sf(target, f"{place}/loop")

        with pytest.raises(GuestError):
            ALL_BUT_REMOVERS[verb](guest, f"{place}/loop/x", tmp_path)
        assert guest.ls(place) == ("loop",)

    @pytest.mark.parametrize("verb", REMOVERS)
    @pytest.mark.parametrize("target", ["nothing", "/contract/nothing", "loop"])
    def test_below_a_link_that_leads_nowhere_nothing_is_removed(
        self, guest: Guest, place: str, tmp_path: Path, verb: str, target: str
    ) -> None:
        guest.ln_sf(target, f"{place}/loop")
        with contextlib.suppress(GuestError):
            REMOVERS[verb](guest, f"{place}/loop/x", tmp_path)

        assert guest.readlink(f"{place}/loop") == target

    # A link at the end.
    @pytest.fixture(params=["x", "absolute"])
    def linked(self, guest: Guest, place: str, request: pytest.FixtureRequest) -> str:
        """Return a link to {place}/x, a file that holds ``old``."""
        guest.write(f"{place}/x", "old")
        guest.ln_sf("x" if request.param == "x" else f"{place}/x", f"{place}/link")
        return f"{place}/link"

    def test_content_goes_through_a_link(self, guest: Guest, place: str, tmp_path: Path, linked: str) -> None:
        guest.write(linked, "new ")
        guest.write_append(linked, "more")

        assert guest.read_file(f"{place}/x") == b"new more"
        _upload(guest, linked, tmp_path)
        assert guest.read_file(f"{place}/x") == b"x"
        assert guest.is_symlink(linked)

    def test_mode_owner_and_attributes_go_through_a_link(self, guest: Guest, place: str, linked: str) -> None:
        guest.chown(1000, 100, linked)
        guest.chmod(0o600, linked)
        guest.setxattr(linked, "user.x", b"set")
        guest.truncate(linked)
        stat = guest.lstat(f"{place}/x")

        assert (stat.size, stat.mode, stat.uid, stat.gid) == (0, 0o600, 1000, 100)
        assert guest.lgetxattr(f"{place}/x", "user.x") == b"set"
        assert guest.lstat(linked).uid == 0

    @pytest.mark.parametrize("verb", MAKERS)
    @pytest.mark.parametrize("absolute", [False, True])
    def test_a_dangling_link_gets_the_file_it_points_at(
        self, guest: Guest, place: str, tmp_path: Path, verb: str, absolute: bool
    ) -> None:
        guest.ln_sf(f"{place}/made" if absolute else "made", f"{place}/link")
        MAKERS[verb](guest, f"{place}/link", tmp_path)

        assert guest.is_file(f"{place}/made")
        assert guest.is_symlink(f"{place}/link")

    @pytest.mark.parametrize("verb", CHANGERS)
    def test_behind_a_dangling_link_nothing_can_be_changed(
        self, guest: Guest, place: str, tmp_path: Path, verb: str
    ) -> None:
        guest.ln_sf("nothing", f"{place}/link")

        with pytest.raises(NoSuchFile):
            CHANGERS[verb](guest, f"{place}/link", tmp_path)
        assert guest.ls(place) == ("link",)

    @pytest.mark.parametrize("verb", [*MAKERS, *CHANGERS, "mkdir_p"])
    def test_a_link_to_itself_is_an_error(self, guest: Guest, place: str, tmp_path: Path, verb: str) -> None:
        guest.ln_sf("loop", f"{place}/loop")

        with pytest.raises(GuestError):
            ALL_BUT_REMOVERS[verb](guest, f"{place}/loop", tmp_path)
        assert guest.readlink(f"{place}/loop") == "loop"

    @pytest.mark.parametrize("verb", REMOVERS)
    @pytest.mark.parametrize("target", ["x", "folder", "{place}/folder", "nothing", "link"])
    def test_removing_a_link_removes_the_link_alone(
        self, guest: Guest, place: str, tmp_path: Path, verb: str, target: str
    ) -> None:
        guest.write(f"{place}/x", "")
        guest.mkdir_p(f"{place}/folder/sub")
        guest.ln_sf(target.format(place=place), f"{place}/link")
        REMOVERS[verb](guest, f"{place}/link", tmp_path)

        assert guest.ls(place) == ("folder", "x")
        assert guest.ls(f"{place}/folder") == ("sub",)

    @pytest.mark.parametrize("absolute", [False, True])
    def test_rm_rf_follows_no_link_inside_a_tree(self, guest: Guest, place: str, absolute: bool) -> None:
        guest.mkdir_p(f"{place}/outside")
        guest.write(f"{place}/outside/x", "kept")
        guest.mkdir_p(f"{place}/tree")
        guest.ln_sf(f"{place}/outside" if absolute else "../outside", f"{place}/tree/link")
        guest.rm_rf(f"{place}/tree")

        assert guest.ls(place) == ("outside",)
        assert guest.ls(f"{place}/outside") == ("x",)

    def test_erase_takes_the_file_behind_a_link_and_leaves_the_link(
        self, guest: Guest, place: str, linked: str
    ) -> None:
        guest.erase(linked)
        guest.erase(linked)

        assert guest.ls(place) == ("link",)

    def test_erase_takes_a_file_once_by_however_many_names(self, guest: Guest, place: str, linked: str) -> None:
        guest.erase(linked, guest.realpath(linked), linked)

        assert guest.ls(place) == ("link",)

    @pytest.mark.parametrize("target", ["folder", "x", "nothing", "loop"])
    def test_mkdir_p_takes_only_a_link_to_a_folder(self, guest: Guest, place: str, target: str) -> None:
        guest.mkdir_p(f"{place}/folder")
        guest.write(f"{place}/x", "")
        guest.ln_sf(target, f"{place}/loop")

        if target == "folder":
            guest.mkdir_p(f"{place}/loop")
        else:
            with pytest.raises(WrongKind if target == "x" else GuestError):
                guest.mkdir_p(f"{place}/loop")
        assert guest.ls(place) == ("folder", "loop", "x")

    @pytest.mark.parametrize("old", ["folder", "{place}/folder", "nothing", "link"])
    def test_ln_sf_replaces_a_link_wherever_it_points(self, guest: Guest, place: str, old: str) -> None:
        guest.mkdir_p(f"{place}/folder")
        guest.ln_sf(old.format(place=place), f"{place}/link")
        guest.ln_sf("new", f"{place}/link")

        assert guest.readlink(f"{place}/link") == "new"
        assert guest.ls(f"{place}/folder") == ()

    @pytest.mark.parametrize("verb", ["mv", "cp_a"])
    @pytest.mark.parametrize("target", ["x", "folder", "{place}/folder", "nothing", "link"])
    def test_a_link_is_moved_and_copied_as_a_link(self, guest: Guest, place: str, verb: str, target: str) -> None:
        guest.write(f"{place}/x", "kept")
        guest.mkdir_p(f"{place}/folder")
        written = target.format(place=place)
        guest.ln_sf(written, f"{place}/link")
        getattr(guest, verb)(f"{place}/link", f"{place}/moved")

        assert guest.readlink(f"{place}/moved") == written
        assert guest.is_symlink(f"{place}/link") == (verb == "cp_a")
        assert guest.read_file(f"{place}/x") == b"kept"

    @pytest.mark.parametrize("target", ["y", "{place}/y", "nothing"])
    def test_mv_replaces_a_link_to_a_file(self, guest: Guest, place: str, target: str) -> None:
        guest.write(f"{place}/x", "new")
        guest.write(f"{place}/y", "kept")
        guest.ln_sf(target.format(place=place), f"{place}/link")
        guest.mv(f"{place}/x", f"{place}/link")

        assert guest.is_file(f"{place}/link")
        assert guest.read_file(f"{place}/link") == b"new"
        assert guest.read_file(f"{place}/y") == b"kept"

    def test_cp_a_copies_a_file_through_a_link(self, guest: Guest, place: str, linked: str) -> None:
        guest.write(f"{place}/source", "new")
        guest.cp_a(f"{place}/source", linked)

        assert guest.read_file(f"{place}/x") == b"new"
        assert guest.is_symlink(linked)
