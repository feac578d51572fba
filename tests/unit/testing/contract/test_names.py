"""The suite is worth what it catches: each guest here misreads a name."""

from __future__ import annotations

import pytest

from imagekit.guest.protocol import Guest
from imagekit.testing.contract.names import PATH_TAKERS, NameContract
from imagekit.testing.memory import Dir, MemoryGuest

CAUGHT = (AssertionError, pytest.fail.Exception)


class ReadsLines(MemoryGuest):
    def find(self, directory: str) -> tuple[str, ...]:
        return tuple("\n".join(super().find(directory)).split("\n"))


class ExpandsNames(MemoryGuest):
    def rm_rf(self, path: str) -> None:
        for found in self.glob_expand(path):
            super().rm_rf(found)


class TakesAnything(MemoryGuest):
    def exists(self, path: str) -> bool:
        return path.startswith("/") and "\0" not in path and super().exists(path)


def test_a_list_of_lines_is_caught() -> None:
    NameContract().test_a_file_of_any_name_can_be_made_found_and_changed(MemoryGuest({"/p": Dir()}), "/p", "a\nb")

    with pytest.raises(CAUGHT):
        NameContract().test_a_file_of_any_name_can_be_made_found_and_changed(ReadsLines({"/p": Dir()}), "/p", "a\nb")


def test_a_name_taken_for_a_pattern_is_caught() -> None:
    with pytest.raises(CAUGHT):
        NameContract().test_a_name_with_pattern_characters_stands_for_itself(ExpandsNames({"/p": Dir()}), "/p", "rm_rf")


def test_a_guest_that_takes_what_is_no_path_is_caught(tmp_path: object) -> None:
    with pytest.raises(CAUGHT):
        NameContract().test_what_is_no_guest_path_is_refused(TakesAnything(), tmp_path, "exists", "relative")


def test_every_verb_that_takes_a_path_is_tried() -> None:
    verbs = {name for name in vars(Guest) if not name.startswith("_")} - {"facts", "command"}

    assert {name.split(maxsplit=1)[0] for name in PATH_TAKERS} == verbs
