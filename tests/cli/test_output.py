from __future__ import annotations

import io
import json
import os
import sys

import pytest

from imagekit_cli.errors import CannotWrite
from imagekit_cli.lines import Line
from imagekit_cli.output import coloured, emit, emit_json, one_line, printable, tell


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_what_would_steer_a_terminal_is_shown_as_a_replacement() -> None:
    assert printable("a\x1b[31mb\x07\x9b\u202ec\td\n") == "a\ufffd[31mb\ufffd\ufffd\ufffdc\td\n"


def test_a_file_name_with_a_line_break_stays_one_line() -> None:
    assert one_line("a\nb") == "a\ufffdb"


def test_results_are_cleaned_and_plain_in_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    emit([Line("+ /etc/\x1b]0;owned\x07", "good")])

    assert capsys.readouterr().out == "+ /etc/\ufffd]0;owned\ufffd\n"


def test_results_are_coloured_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", Terminal())

    emit([Line("+ /a", "good"), Line("plain")])

    assert sys.stdout.getvalue() == "\x1b[32m+ /a\x1b[0m\nplain\n"  # type: ignore[attr-defined]


@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_a_user_who_wants_no_colours_gets_none(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    assert coloured(Terminal())

    monkeypatch.setenv(name, value)

    assert not coloured(Terminal())


def test_json_is_one_ascii_document_even_of_names_that_are_no_text(capsys: pytest.CaptureFixture[str]) -> None:
    document = {"path": "/é\udcff\x9b"}

    emit_json(document)

    out = capsys.readouterr().out
    assert out.isascii()
    assert json.loads(out) == document


def test_names_that_the_encoding_cannot_say_do_not_end_the_command() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")

    tell("café \udcff", stream)

    assert raw.getvalue() == b"caf\\xe9 \\ufffd\n"


def test_a_reader_that_has_gone_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as stream:
        monkeypatch.setattr(sys, "stdout", stream)
        emit([Line("hello")])
        emit_json({})
        monkeypatch.undo()


def test_a_full_disk_behind_stdout_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with open("/dev/full", "w") as full:  # noqa: PTH123  a device
        monkeypatch.setattr(sys, "stdout", full)
        with pytest.raises(CannotWrite, match="standard output: No space left"):
            emit([Line("x")])
        monkeypatch.undo()
