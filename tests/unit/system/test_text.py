from __future__ import annotations

from imagekit.guest.journal import JournaledGuest
from imagekit.system.text import read_text, write_text
from imagekit.testing.memory import MemoryGuest


def test_a_file_that_is_not_there_reads_as_nothing() -> None:
    assert read_text(MemoryGuest(), "/x") == ""


def test_bytes_that_are_no_text_survive_an_edit() -> None:
    guest = MemoryGuest({"/x": b"caf\xe9 a\n"})

    write_text(guest, "/x", read_text(guest, "/x").replace("a\n", "b\n"))

    assert guest.read_file("/x") == b"caf\xe9 b\n"


def test_a_text_that_is_there_already_is_no_change_but_its_step_holds_the_path() -> None:
    guest = JournaledGuest(MemoryGuest({"/x": "same"}))
    guest.begin("s1")

    write_text(guest, "/x", "same")

    assert guest.end() == ()
    assert guest.held == {"/x": "s1"}


def test_an_empty_text_still_makes_the_file() -> None:
    guest = MemoryGuest()

    write_text(guest, "/x", "")

    assert guest.is_file("/x")
