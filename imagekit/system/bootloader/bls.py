"""Entries of the Boot Loader Specification (uapi-group.org), type 1: a text file each, one key a line."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_OPTIONS = re.compile(r"^(?P<head>[ \t]*options[ \t]+)(?P<value>\S.*?)(?P<tail>[ \t]*)$", re.MULTILINE)
KERNELOPTS = re.compile(r"\$(?:kernelopts\b|\{kernelopts\})")
"""The variable of GRUB's environment that the entries of Fedora and RHEL 8 may take their arguments from."""


def values(text: str, key: str) -> tuple[str, ...]:
    """Return the values of a key, in order; ``options`` and ``initrd`` may stand more than once."""
    return tuple(re.findall(rf"^[ \t]*{re.escape(key)}[ \t]+(\S.*?)[ \t]*$", text, re.MULTILINE))


def options(text: str) -> str:
    """Return the kernel arguments of an entry, in one line, variables not expanded."""
    return " ".join(values(text, "options"))


def edit_options(text: str, remove: Callable[[str], str], add: Callable[[str], str]) -> str:
    """Return the entry with arguments removed from each of its ``options`` lines and added to the last of them.

    Args:
        text: an entry; one without ``linux`` starts no kernel with arguments, and stays as it is.
        remove: what to make of one line.
        add: what to make of all of them, for what it puts behind them.
    """
    if not values(text, "linux"):
        return text
    text = _OPTIONS.sub(lambda match: match["head"] + remove(match["value"]) + match["tail"], text)
    before = options(text)
    more = add(before).removeprefix(before).strip()
    if not more:
        return text
    lines = list(_OPTIONS.finditer(text))
    if not lines:
        return f"{text}{'' if text.endswith(chr(10)) else chr(10)}options {more}\n"
    end = lines[-1].end("value")
    return f"{text[:end]} {more}{text[end:]}"
