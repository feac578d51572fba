"""GRUB's environment block: 1024 bytes of ``name=value`` lines, filled up with ``#`` (GRUB manual, Environment block).

GRUB writes into the block's own sectors, so its size never changes.
"""

from __future__ import annotations

import re

from imagekit.diagnostics import Problem

SIGNATURE = "# GRUB Environment Block\n"
_SIZE = 1024
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_ESCAPE = re.compile(r"([\\\n])")
_LINE = re.compile(r"^(?P<name>[^#=\n][^=\n]*)=(?P<value>(?:[^\\\n]|\\.)*)\n", re.MULTILINE | re.DOTALL)


def variables(text: str) -> dict[str, str]:
    """Return the variables of a block; {} if the text is none."""
    if not text.startswith(SIGNATURE):
        return {}
    return {match["name"]: _ESCAPED.sub(r"\1", match["value"]) for match in _LINE.finditer(text)}


def with_variable(text: str, name: str, value: str) -> str:
    """Return the block with a variable set, in its place or behind the others.

    Raises:
        Problem: the block has no room for it.
    """
    if variables(text).get(name) == value:
        return text
    line = f"{name}={_ESCAPE.sub(_escaped, value)}\n"
    body = _unpadded(text) or SIGNATURE
    for match in _LINE.finditer(body):
        if match["name"] == name:
            return padded(body[: match.start()] + line + body[match.end() :], len(text))
    return padded(body + line, len(text))


def _escaped(match: re.Match[str]) -> str:
    return "\\" + match[0]


def _unpadded(text: str) -> str:
    """Return the block without what fills it up: the ``#`` behind its last line."""
    kept = text.rstrip("#")
    return kept if kept.endswith("\n") or not kept else kept + "\n"


def padded(text: str, size: int = _SIZE) -> str:
    """Return a block filled up to its size, which is 1024 bytes or more.

    Raises:
        Problem: it is longer than that.
    """
    kept = _unpadded(text)
    room = max(size, _SIZE) - len(kept.encode("utf-8", "surrogateescape"))
    if room < 0:
        raise Problem(
            "",
            "GRUB's environment block has no room for this",
            why=f"it is {max(size, _SIZE)} bytes large, and GRUB cannot make it grow",
            code="IK-BOOT-003",
        )
    return kept + "#" * room
