from __future__ import annotations

import pytest

from imagekit.system.removal import remove
from imagekit.testing.memory import Link, MemoryGuest


class Recording(MemoryGuest):
    """A guest that tells which files were overwritten, and by how many calls."""

    def __init__(self, files) -> None:
        super().__init__(files)
        self.erased: list[tuple[str, ...]] = []

    def erase(self, *paths: str) -> None:
        self.erased.append(paths)
        super().erase(*paths)


@pytest.fixture
def guest() -> Recording:
    return Recording({"/a/x": "1", "/a/b/y": "2", "/a/link": Link("/etc/kept"), "/etc/kept": "3", "/c": "4"})


def test_files_at_and_below_are_overwritten_in_one_call_and_gone(guest: Recording) -> None:
    remove(guest, ["/a", "/c", "/none"])

    assert guest.ls("/") == ("etc",)
    assert guest.erased == [("/a/b/y", "/a/x", "/c")]
    assert guest.read_file("/etc/kept") == b"3"


def test_what_is_spared_stays_with_the_folders_it_is_in(guest: Recording) -> None:
    remove(guest, ["/a", "/c"], {"/a/b/y", "/c"})

    assert guest.find("/a") == ("/a/b", "/a/b/y")
    assert guest.exists("/c")


def test_a_spared_folder_stays_whole(guest: Recording) -> None:
    remove(guest, ["/a"], {"/a/b"})

    assert guest.find("/a") == ("/a/b", "/a/b/y")


def test_what_is_larger_is_only_removed(guest: Recording) -> None:
    guest.add("/a/large", "123")
    remove(guest, ["/a"], largest=2)

    assert guest.erased == [("/a/b/y", "/a/x")]
    assert not guest.exists("/a")
