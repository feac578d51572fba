"""The suite is worth what it catches: each guest here breaks one promise of moving and copying."""

from __future__ import annotations

import pytest

from imagekit.guest.errors import GuestError
from imagekit.testing.contract.move import MoveContract
from imagekit.testing.memory import Dir, MemoryGuest

CAUGHT = (AssertionError, pytest.fail.Exception)


class CopyLosesOwners(MemoryGuest):
    def cp_a(self, src: str, dest: str) -> None:
        super().cp_a(src, dest)
        for path in (dest, *(self.find(dest) if self.is_dir(dest) else ())):
            if not self.is_symlink(path):
                self.chown(0, 0, path)


class MoveKeepsTheSource(MemoryGuest):
    def mv(self, src: str, dest: str) -> None:
        self.cp_a(src, dest)


class LinksInsideFolders(MemoryGuest):
    def ln_sf(self, target: str, linkname: str) -> None:
        super().ln_sf(target, f"{linkname}/{target}" if self.is_dir(linkname) else linkname)


class CopiesWhatItCan(MemoryGuest):
    def cp_a(self, src: str, dest: str) -> None:
        try:
            super().cp_a(src, dest)
        except GuestError:
            return


@pytest.mark.parametrize(
    ("guest", "test", "arguments"),
    [
        (CopyLosesOwners, "test_a_tree_arrives_as_it_was", ("cp_a",)),
        (MoveKeepsTheSource, "test_a_tree_arrives_as_it_was", ("mv",)),
        (LinksInsideFolders, "test_ln_sf_replaces_a_file_but_not_a_folder", ()),
        (CopiesWhatItCan, "test_both_ends_must_be_there", ("cp_a",)),
    ],
)
def test_a_broken_guest_is_caught_and_a_right_one_is_not(
    guest: type[MemoryGuest], test: str, arguments: tuple[object, ...]
) -> None:
    getattr(MoveContract(), test)(MemoryGuest({"/p": Dir()}), "/p", *arguments)

    with pytest.raises(CAUGHT):
        getattr(MoveContract(), test)(guest({"/p": Dir()}), "/p", *arguments)
