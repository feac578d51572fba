from __future__ import annotations

import pytest

from imagekit.guest.errors import VerbFailed
from imagekit.guest.protocol import CommandResult
from imagekit.system import shell
from imagekit.testing.memory import File, MemoryGuest


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


def test_values_of_the_environment_are_hidden_unless_they_are_imagekits_own() -> None:
    guest = guest_that_says(1, b"none of 1\n")

    for hide, shown in ((True, "*** of ***"), (False, "none of 1")):
        with pytest.raises(shell.CommandFailed) as caught:
            shell.run(guest, ["x"], env={"A": "none", "B": "1"}, hide_env=hide)
        assert caught.value.output == shown


def test_other_statuses_may_be_a_good_end_too() -> None:
    assert shell.run(guest_that_says(102), ["x"], good=(0, 102)).status == 102
    with pytest.raises(shell.CommandFailed):
        shell.run(guest_that_says(0), ["x"], good=(102,))


def test_a_temporary_folder_is_empty_at_first_and_gone_afterwards() -> None:
    guest = MemoryGuest({"/var/cache/x/old": "left by somebody"})

    with shell.temporary_folder(guest, "/var/cache/x") as path:
        during = guest.ls(path)
        guest.write("/var/cache/x/new", "")

    assert during == ()
    assert not guest.exists("/var/cache/x")
    assert guest.is_dir("/var/cache")


def test_what_is_set_aside_comes_back_whatever_the_block_does() -> None:
    guest = MemoryGuest({"/x": File("theirs", mode=0o751)})

    during = []

    with pytest.raises(KeyError), shell.set_aside(guest, "/x"):
        raise KeyError(during.append(guest.exists("/x")))

    assert during == [False]
    assert (guest.read_file("/x"), guest.lstat("/x").mode) == (b"theirs", 0o751)


def test_where_nothing_is_nothing_is_set_aside() -> None:
    guest = MemoryGuest()

    with shell.set_aside(guest, "/x"):
        pass

    assert guest.ls("/") == ()
