"""Running programs of the guest."""
# ruff: noqa: D102, S101  pytest wants methods and asserts; a test's name is its sentence

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import pytest

from imagekit.guest.protocol import CommandResult

if TYPE_CHECKING:
    from imagekit.guest.protocol import Guest


class CommandContract:
    """What a command is given and what comes back; the guest has ``/bin/sh``, and needs nothing else.

    ``SCRIPTS`` says what each script of the suite answers, for guests that run none.
    """

    SCRIPTS: ClassVar[dict[str, CommandResult]] = {
        "exit 3": CommandResult(3, b""),
        "echo out; echo err >&2; echo out": CommandResult(0, b"out\nerr\nout\n"),
        'printf %s "$GREETING"': CommandResult(0, b"a 'b' \"c\" $d\n"),
        "if read line; then echo got; else echo nothing; fi": CommandResult(0, b"nothing\n"),
        r"printf '\000\377\r\n'": CommandResult(0, b"\0\xff\r\n"),
        'for word in "$@"; do printf "<%s>" "$word"; done': CommandResult(0, b"<a b><><*><$HOME><-x><\xc3\xa9\n>"),
        "kill -9 $$": CommandResult(137, b""),
        "cd / && echo ok": CommandResult(0, b"ok\n"),
    }

    @pytest.fixture
    def guest(self) -> Guest:
        raise NotImplementedError("a subclass of the contract gives the guest")

    @pytest.mark.parametrize("script", ["exit 3", "cd / && echo ok", "kill -9 $$"])
    def test_a_status_is_returned_and_not_raised(self, guest: Guest, script: str) -> None:
        assert guest.command(["/bin/sh", "-c", script]) == self.SCRIPTS[script]

    def test_output_is_stdout_and_stderr_in_order(self, guest: Guest) -> None:
        result = guest.command(["/bin/sh", "-c", "echo out; echo err >&2; echo out"])

        assert result.text == "out\nerr\nout\n"

    def test_the_environment_reaches_the_program(self, guest: Guest) -> None:
        value = "a 'b' \"c\" $d\n"
        result = guest.command(["/bin/sh", "-c", 'printf %s "$GREETING"'], env={"GREETING": value})

        assert result.text == value

    def test_nothing_is_on_stdin(self, guest: Guest) -> None:
        result = guest.command(["/bin/sh", "-c", "if read line; then echo got; else echo nothing; fi"])

        assert result.text == "nothing\n"

    def test_output_may_be_any_bytes(self, guest: Guest) -> None:
        result = guest.command(["/bin/sh", "-c", r"printf '\000\377\r\n'"])

        assert result.output == b"\0\xff\r\n"

    def test_words_reach_the_program_as_they_are(self, guest: Guest) -> None:
        script = 'for word in "$@"; do printf "<%s>" "$word"; done'
        result = guest.command(["/bin/sh", "-c", script, "sh", "a b", "", "*", "$HOME", "-x", "é\n"])

        assert result.text == "<a b><><*><$HOME><-x><é\n>"

    def test_a_program_that_is_not_there_has_status_127(self, guest: Guest) -> None:
        assert guest.command(["/no/such/program"]).status == 127
        assert guest.command(["no-such-program", "x"]).status == 127
