"""The one way to a terminal or a pipe: cleaned of what would steer it, and quiet when nobody reads any more."""

from __future__ import annotations

import json
import os
import sys
import unicodedata
from typing import TYPE_CHECKING, Any, TextIO

from imagekit_cli.errors import CannotWrite

if TYPE_CHECKING:
    from collections.abc import Iterable

    from imagekit_cli.lines import Line

_STEERING = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})
_CODES = {"good": "32", "changed": "33", "bad": "31", "head": "1", "dim": "2", "place": "36"}


def printable(text: str) -> str:
    """Return the text without control and format characters (Unicode Cc, Cf …), tabs and line breaks aside.

    A file name or a diff comes out of a guest, and an escape sequence in it would be obeyed by the terminal; what is
    left out is shown as U+FFFD.
    """
    return "".join(char if char in "\n\t" or unicodedata.category(char) not in _STEERING else "\ufffd" for char in text)


def one_line(text: str) -> str:
    """Return the text printable and without line breaks: a file name with one must not pass for two."""
    return printable(text).replace("\n", "\ufffd")


def coloured(stream: TextIO) -> bool:
    """Tell whether a stream is a terminal whose user wants colours (no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def emit(lines: Iterable[Line]) -> None:
    """Print a result on stdout, in colours on a terminal."""
    stream = sys.stdout
    colours = coloured(stream)
    _write("".join(f"{_painted(one_line(line.text), line.style, colours)}\n" for line in lines), stream)


def emit_json(document: Any) -> None:
    """Print one JSON document on stdout; ASCII, so that no terminal and no locale can spoil it."""
    _write(json.dumps(document, indent=2) + "\n", sys.stdout)


def emit_json_line(document: Any) -> None:
    """Print one JSON document as one line on stdout, for commands that stream them; ASCII, too."""
    _write(json.dumps(document) + "\n", sys.stdout)


def tell(text: str, stream: TextIO) -> None:
    """Print a text that is no result."""
    _write(printable(text) + "\n", stream)


def _painted(text: str, style: str, colours: bool) -> str:
    return f"\x1b[{_CODES[style]}m{text}\x1b[0m" if colours and style else text


def _write(text: str, stream: TextIO) -> None:
    """Write all of a text; a reader that has gone is no error.

    Raises:
        CannotWrite: the disk behind stdout is full, or fails.
    """
    try:
        stream.write(text.encode(stream.encoding or "utf-8", "backslashreplace").decode(stream.encoding or "utf-8"))
        stream.flush()
    except BrokenPipeError:
        silence(stream)
    except OSError as error:
        silence(stream)
        if stream is sys.stdout:
            raise CannotWrite("standard output", error.strerror or str(error)) from error


def silence(stream: TextIO) -> None:
    """Send a stream that cannot be written to nowhere, so that Python's own last flush does not fail either."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, stream.fileno())
    os.close(null)
