"""The suite is worth what it catches: each guest here breaks one promise of a changing verb."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from imagekit.testing.contract.change import ChangeContract
from imagekit.testing.memory import Dir, File, MemoryGuest

CAUGHT = (AssertionError, pytest.fail.Exception)


class TouchTruncates(MemoryGuest):
    def touch(self, path: str) -> None:
        if not self.is_dir(path):
            self.write(path, "")


class MkdirResetsModes(MemoryGuest):
    def mkdir_p(self, path: str) -> None:
        super().mkdir_p(path)
        for parent in PurePosixPath(path).parents:
            self.chmod(0o755, str(parent))


class EraseForgetsToRemove(MemoryGuest):
    def erase(self, *paths: str) -> None:
        for path in filter(self.exists, paths):
            self.truncate(path)


class ChmodLosesBits(MemoryGuest):
    def chmod(self, mode: int, path: str) -> None:
        super().chmod(mode & 0o777, path)


class TruncateMakesFiles(MemoryGuest):
    def truncate(self, path: str) -> None:
        self.add(path, File())


@pytest.mark.parametrize(
    ("guest", "test", "arguments"),
    [
        (TouchTruncates, "test_touch_makes_an_empty_file_and_leaves_alone_what_is_there", ()),
        (MkdirResetsModes, "test_mkdir_p_makes_the_parents_and_keeps_what_is_there", ()),
        (EraseForgetsToRemove, "test_removing_a_file_twice_is_fine", ("erase",)),
        (ChmodLosesBits, "test_chmod_sets_every_bit", ("file", 0o4755)),
        (TruncateMakesFiles, "test_truncate_makes_nothing", ()),
    ],
)
def test_a_broken_guest_is_caught_and_a_right_one_is_not(
    guest: type[MemoryGuest], test: str, arguments: tuple[object, ...]
) -> None:
    getattr(ChangeContract(), test)(MemoryGuest({"/p": Dir()}), "/p", *arguments)

    with pytest.raises(CAUGHT):
        getattr(ChangeContract(), test)(guest({"/p": Dir()}), "/p", *arguments)
