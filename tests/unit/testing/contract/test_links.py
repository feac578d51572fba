"""The suite is worth what it catches: each guest here falls into a trap that links set."""

from __future__ import annotations

import pytest

from imagekit.guest import paths
from imagekit.testing.contract.links import LinkContract
from imagekit.testing.memory import Dir, Link, MemoryGuest

CAUGHT = (AssertionError, pytest.fail.Exception)


class RemovesNothingBelowLinks(MemoryGuest):
    """As rm_rf of libguestfs: through an absolute link it says yes and does nothing."""

    def rm_rf(self, path: str) -> None:
        if not self.is_symlink(paths.parent(path)):
            super().rm_rf(path)


class RemovesTargets(MemoryGuest):
    def rm_f(self, path: str) -> None:
        super().rm_f(self.realpath(path) if self.exists(path) else path)


class LinksInsideLinkedFolders(MemoryGuest):
    """As ln -sf: a link to a folder is gone into."""

    def ln_sf(self, target: str, linkname: str) -> None:
        inside = self.is_dir(linkname, followsymlinks=True)
        super().ln_sf(target, f"{linkname}/{target}" if inside else linkname)


class ReplacesLinksOnWrite(MemoryGuest):
    def write(self, path: str, content: bytes | str) -> None:
        if self.is_symlink(path):
            self.rm_f(path)
        super().write(path, content)


def furnished(guest: MemoryGuest) -> MemoryGuest:
    guest.add("/p/real/sub", Dir())
    guest.add("/p/way", Link("/p/real"))
    return guest


def test_a_removal_that_does_nothing_is_caught() -> None:
    LinkContract().test_a_tree_is_really_removed_below_a_linked_folder(furnished(MemoryGuest()), "/p", "/p/way")

    with pytest.raises(CAUGHT):
        LinkContract().test_a_tree_is_really_removed_below_a_linked_folder(
            furnished(RemovesNothingBelowLinks()), "/p", "/p/way"
        )


def test_a_removal_that_takes_the_target_is_caught(tmp_path: object) -> None:
    with pytest.raises(CAUGHT):
        LinkContract().test_removing_a_link_removes_the_link_alone(
            RemovesTargets({"/p": Dir()}), "/p", tmp_path, "rm_f", "x"
        )


def test_a_link_that_lands_in_a_folder_is_caught() -> None:
    LinkContract().test_ln_sf_replaces_a_link_wherever_it_points(MemoryGuest({"/p": Dir()}), "/p", "folder")

    with pytest.raises(CAUGHT):
        LinkContract().test_ln_sf_replaces_a_link_wherever_it_points(
            LinksInsideLinkedFolders({"/p": Dir()}), "/p", "folder"
        )


def test_a_write_that_replaces_the_link_is_caught(tmp_path: object) -> None:
    guest = ReplacesLinksOnWrite({"/p/x": "old", "/p/link": Link("x")})

    with pytest.raises(CAUGHT):
        LinkContract().test_content_goes_through_a_link(guest, "/p", tmp_path, "/p/link")
