"""The suite is worth what it catches: each guest here breaks one promise of a looking verb."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from imagekit.guest.errors import VerbFailed
from imagekit.testing.contract.look import LookContract
from imagekit.testing.memory import Link, MemoryGuest

if TYPE_CHECKING:
    from imagekit.guest.protocol import Stat

CAUGHT = (AssertionError, pytest.fail.Exception, VerbFailed)


class Unsorted(MemoryGuest):
    def ls(self, directory: str) -> tuple[str, ...]:
        return tuple(reversed(super().ls(directory)))


class FollowsInLstat(MemoryGuest):
    def lstat(self, path: str) -> Stat:
        return super().lstat(self.realpath(path) if self.exists(path) else path)


class SaysFailedForNoSuchFile(MemoryGuest):
    def readlink(self, path: str) -> str:
        try:
            return super().readlink(path)
        except Exception as error:
            raise VerbFailed("readlink", path, "something") from error


class FollowsInFind(MemoryGuest):
    def find(self, directory: str) -> tuple[str, ...]:
        return (*super().find(directory), f"{directory}/up/below")


def furnished(guest: MemoryGuest) -> MemoryGuest:
    guest.add("/p/file", "text\n")
    guest.mkdir_p("/p/folder")
    for name, target in {"to-file": "file", "to-folder": "folder", "dangling": "nothing", "loop": "loop"}.items():
        guest.add(f"/p/{name}", Link(target))
    return guest


@pytest.mark.parametrize(
    ("guest", "test"),
    [
        (Unsorted, "test_ls_returns_sorted_names_with_hidden_ones"),
        (FollowsInLstat, "test_lstat_tells_kind_mode_owner_and_size"),
        (SaysFailedForNoSuchFile, "test_readlink_of_something_else_is_the_wrong_kind"),
        (FollowsInFind, "test_find_lists_all_that_is_below_and_follows_no_link_inside"),
    ],
)
def test_a_broken_guest_is_caught_and_a_right_one_is_not(guest: type[MemoryGuest], test: str) -> None:
    getattr(LookContract(), test)(furnished(MemoryGuest()), "/p")

    with pytest.raises(CAUGHT):
        getattr(LookContract(), test)(furnished(guest()), "/p")
