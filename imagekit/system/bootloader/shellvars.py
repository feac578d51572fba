"""Assignments in files that a shell reads, /etc/default/grub for example, edited inside their quotes.

What a shell would expand is left as it is written: such a file may add to its own variable by ``"$NAME more"``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_VALUE = r"""(?P<value>"(?:[^"\\]|\\.)*"|'[^']*'|[^\s"'#;&|()`\\]*)(?P<tail>[ \t]*(?:#.*)?)"""


class NotPlain(ValueError):
    """An assignment is put together in a way that is not edited; the text is its line."""


def _assignments(text: str, name: str) -> list[re.Match[str]]:
    """Return the matches of every assignment to a variable.

    Raises:
        NotPlain: one is more than a name and one plain value on one line.
    """
    start = re.compile(rf"^[ \t]*(?:export[ \t]+)?{re.escape(name)}\+?=.*$", re.MULTILINE)
    plain = re.compile(rf"(?P<head>[ \t]*(?:export[ \t]+)?{re.escape(name)}=){_VALUE}")
    found = []
    for line in start.finditer(text):
        match = plain.fullmatch(text, line.start(), line.end())
        if match is None:
            raise NotPlain(line[0].strip())
        found.append(match)
    return found


def contents(text: str, name: str) -> tuple[str, ...]:
    """Return what stands inside the quotes of every assignment to a variable, in order.

    Raises:
        NotPlain: one cannot be read.
    """
    return tuple(_content(match["value"]) for match in _assignments(text, name))


def edit_each(text: str, name: str, change: Callable[[str], str]) -> str:
    """Return the text with every assignment to a variable changed.

    Raises:
        NotPlain: one cannot be read.
    """
    for match in reversed(_assignments(text, name)):
        text = _replaced(text, match, change)
    return text


def edit_last(text: str, name: str, change: Callable[[str], str]) -> str:
    """Return the text with the last assignment to a variable changed; one is added at the end if there is none.

    Raises:
        NotPlain: one cannot be read.
    """
    found = _assignments(text, name)
    if found:
        return _replaced(text, found[-1], change)
    value = change("")
    if not value:
        return text
    return f"{text}{'' if not text or text.endswith(chr(10)) else chr(10)}{name}={_quoted(value)}\n"


def _replaced(text: str, match: re.Match[str], change: Callable[[str], str]) -> str:
    before = _content(match["value"])
    after = change(before)
    if after == before:
        return text
    single = match["value"].startswith("'") and "'" not in after
    value = f"'{after}'" if single else _quoted(after)
    return text[: match.start("value")] + value + text[match.end("value") :]


def _content(value: str) -> str:
    if value.startswith("'"):
        return value[1:-1]
    return value[1:-1].replace('\\"', '"') if value.startswith('"') else value


def _quoted(content: str) -> str:
    return '"' + content.replace('"', '\\"') + '"'
