"""The suite is worth what it catches: each guest here breaks one promise of ``command``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from imagekit.guest.errors import VerbFailed
from imagekit.guest.protocol import CommandResult
from imagekit.testing.contract.command import CommandContract
from imagekit.testing.memory import MemoryGuest

if TYPE_CHECKING:
    from collections.abc import Mapping


def shell(argv: tuple[str, ...], env: Mapping[str, str]) -> CommandResult | None:
    return CommandContract.SCRIPTS[argv[2]] if argv[0] == "/bin/sh" else None


def test_a_status_that_is_raised_is_caught() -> None:
    class Raises(MemoryGuest):
        def command(self, argv: object, **options: object) -> CommandResult:
            raise VerbFailed("command", "", "status 3")

    guest = MemoryGuest()
    guest.answer(shell)
    CommandContract().test_a_status_is_returned_and_not_raised(guest, "exit 3")

    with pytest.raises(VerbFailed):
        CommandContract().test_a_status_is_returned_and_not_raised(Raises(), "exit 3")


@pytest.mark.parametrize(
    ("test", "output"),
    [
        ("test_output_is_stdout_and_stderr_in_order", b"out\nout\nerr\n"),
        ("test_the_environment_reaches_the_program", b""),
        ("test_nothing_is_on_stdin", b"got\n"),
        ("test_output_may_be_any_bytes", "\0\ufffd\r\n".encode()),
        ("test_words_reach_the_program_as_they_are", b"<a><b>"),
        ("test_a_program_that_is_not_there_has_status_127", b""),
    ],
)
def test_a_wrong_output_is_caught(test: str, output: bytes) -> None:
    guest = MemoryGuest()
    guest.answer(lambda argv, env: CommandResult(0, output))

    with pytest.raises(AssertionError):
        getattr(CommandContract(), test)(guest)
