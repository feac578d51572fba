from __future__ import annotations

import pytest

from imagekit.guest.errors import VerbFailed
from imagekit.guest.protocol import CommandResult
from imagekit.system import shell
from imagekit.testing.memory import MemoryGuest


def guest_that_says(status: int, output: bytes = b"") -> MemoryGuest:
    guest = MemoryGuest()
    guest.answer(lambda _argv, _env: CommandResult(status, output))
    return guest


def test_a_good_end_gives_what_was_said() -> None:
    assert shell.run(guest_that_says(0, b"hi\n"), ["x"]).text == "hi\n"


def test_a_failure_keeps_the_last_lines_alone() -> None:
    said = "".join(f"line {number}\n" for number in range(100)).encode()

    with pytest.raises(shell.CommandFailed) as caught:
        shell.run(guest_that_says(1, said), ["mkinitfs", "-x"])

    assert caught.value.message == "mkinitfs ended with status 1"
    assert caught.value.output.splitlines() == [f"line {number}" for number in range(80, 100)]


@pytest.mark.parametrize(
    ("text", "hidden", "shown"),
    [
        ("the key is s3cret!", ["s3cret"], "the key is ***!"),
        ("1 of 10", ["1"], "*** of 10"),
        ("longer and long", ["long", "longer"], "*** and ***"),
        ("first\nthen second", ["first\nsecond"], "***\nthen ***"),
        ("nothing", [""], "nothing"),
    ],
)
def test_hidden_values_are_starred(text: str, hidden: list[str], shown: str) -> None:
    assert shell.redact(text, hidden) == shown


def test_a_temporary_file_is_there_for_the_block_alone() -> None:
    guest = MemoryGuest()

    with shell.temporary_file(guest, "/x", "text", 0o755):
        during = guest.read_file("/x"), guest.lstat("/x").mode

    assert during == (b"text", 0o755)
    assert not guest.exists("/x")


def test_a_failure_of_the_block_is_the_one_that_counts() -> None:
    guest = MemoryGuest()
    guest.fail("erase", error=VerbFailed("erase", "/x", "gone"))

    with pytest.raises(KeyError), shell.temporary_file(guest, "/x", "text", 0o755):
        raise KeyError


def test_a_failure_to_remove_is_not_passed_over() -> None:
    guest = MemoryGuest()
    guest.fail("erase", error=VerbFailed("erase", "/x", "gone"))

    with pytest.raises(VerbFailed), shell.temporary_file(guest, "/x", "text", 0o755):
        pass
