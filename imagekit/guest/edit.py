r"""Pure text edits, ``str -> str``, for configuration files.

Each returns the text itself if it says already what is asked for, so that applying twice changes nothing; else
every other line is kept as it is and the text ends with a newline. A line ends at ``\n`` alone.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_BARE = re.compile(r"[A-Za-z0-9_./:@%+,=-]*")
_VALUE = r"""(?P<value>"(?:[^"\\]|\\.)*"|'[^']*'|[^\s#'"]*)"""
_ESCAPED = re.compile(r'\\([$"`\\])')
_TO_ESCAPE = re.compile(r'([$"`\\])')
_HEADER = re.compile(r"\s*\[(?P<name>[^\]]*)\]\s*([#;].*)?")


def with_final_newline(text: str) -> str:
    """Return the text with a newline at its end, unless it is empty."""
    return text if not text or text.endswith("\n") else text + "\n"


def ensure_line(text: str, line: str) -> str:
    """Return the text with the line in it, added at the end if it is not there."""
    _refuse_newline(line)
    return _edited(text, lambda lines: lines if line in lines else [*lines, line])


def remove_lines(text: str, pattern: str) -> str:
    """Return the text without the lines in which the regular expression is found."""
    return _edited(text, lambda lines: [line for line in lines if not re.search(pattern, line)])


def value_of(text: str, key: str) -> str | None:
    """Return what a shell would make of ``key=value`` in the text, without expanding anything; None if it is not set."""
    found = [match for line in _lines(text) if (match := _assignment(key).fullmatch(line))]
    return _unquoted(found[-1]["value"]) if found else None


def set_value(text: str, key: str, value: str) -> str:
    """Return the text with the shell assignment ``key=value``; its way of quoting and a comment behind it are kept.

    The last assignment is the one that counts, so it is the one that is changed; without any, one is added at the
    end. Comments that hold the key are left alone.
    """
    _refuse_newline(value)
    if value_of(text, key) == value:
        return text

    def edit(lines: list[str]) -> list[str]:
        for i in range(len(lines) - 1, -1, -1):
            if match := _assignment(key).fullmatch(lines[i]):
                return [*lines[:i], match["head"] + _quoted(value, match["value"][:1]) + match["tail"], *lines[i + 1 :]]
        return [*lines, f"{key}={_quoted(value, '')}"]

    return _edited(text, edit)


def remove_value(text: str, key: str) -> str:
    """Return the text without any shell assignment to the key."""
    return _edited(text, lambda lines: [line for line in lines if not _assignment(key).fullmatch(line)])


def set_ini_value(text: str, section: str, key: str, value: str) -> str:
    """Return the INI text with ``key=value`` in the section; spaces around an existing ``=`` are kept.

    The last such key of the section is the one that is changed; a new one goes to the section's end, a new section
    to the text's.
    """
    _refuse_newline(value)
    return _edited(text, lambda lines: _with_ini_value(lines, section, key, value))


def _with_ini_value(lines: list[str], section: str, key: str, value: str) -> list[str]:
    setting = re.compile(rf"(?P<head>\s*{re.escape(key)}\s*=[ \t]*)(?P<value>.*?)\s*")
    inside, found, end = False, -1, -1
    for i, line in enumerate(lines):
        header = _HEADER.fullmatch(line)
        if header:
            inside = header["name"].strip() == section
        if inside and setting.fullmatch(line):
            found = i
        if inside and line.strip():
            end = i + 1
    if found >= 0:
        match = setting.fullmatch(lines[found])
        if match and match["value"] != value:
            return [*lines[:found], match["head"] + value, *lines[found + 1 :]]
        return lines
    if end >= 0:
        return [*lines[:end], f"{key}={value}", *lines[end:]]
    return [*lines, *([""] if lines and lines[-1].strip() else []), f"[{section}]", f"{key}={value}"]


def _lines(text: str) -> list[str]:
    lines = text.split("\n")
    return lines[:-1] if lines[-1] == "" else lines


def _edited(text: str, edit: Callable[[list[str]], list[str]]) -> str:
    lines = _lines(text)
    edited = edit(lines)
    return text if edited == lines else "".join(f"{line}\n" for line in edited)


def _refuse_newline(value: str) -> None:
    if "\n" in value:
        raise ValueError("a line cannot hold a newline")


def _assignment(key: str) -> re.Pattern[str]:
    return re.compile(rf"(?P<head>\s*(?:export\s+)?{re.escape(key)}=){_VALUE}(?P<tail>(?:\s.*)?)", re.DOTALL)


def _unquoted(value: str) -> str:
    if value[:1] == '"':
        return _ESCAPED.sub(r"\1", value[1:-1])
    return value[1:-1] if value[:1] == "'" else value


def _quoted(value: str, style: str) -> str:
    """Return the value in the given quotes; double ones where it cannot stand in those."""
    if style == "'" and "'" not in value:
        return f"'{value}'"
    if style != '"' and _BARE.fullmatch(value):
        return value
    return '"' + _TO_ESCAPE.sub(r"\\\1", value) + '"'
