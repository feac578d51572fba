"""Whether a path holds what an item is about, or only what a package or a tool leaves there of itself.

Packages ship empty folders, empty files, links, examples and files of comments in the places of secrets: of those
nothing is to be said.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from imagekit.guest.protocol import Guest

MOST_READ = 1 << 20
"""Bytes from the beginning of a file that are looked at; a file of settings or a key is shorter."""
_PEM = b"-----BEGIN "
_PRIVATE = re.compile(rb"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----")


def head(guest: Guest, path: str) -> bytes:
    """Return the beginning of a file, links followed; b"" if there is no such file."""
    return guest.pread(path, MOST_READ, 0) if guest.is_file(path, followsymlinks=True) else b""


def something(guest: Guest, path: str) -> bool:
    """Tell whether there are bytes in a file, in the file that a link leads to, or in any file of a folder."""
    if guest.is_dir(path):
        return any(something(guest, inner) for inner in guest.find(path) if not guest.is_dir(inner))
    return guest.is_file(path, followsymlinks=True) and guest.lstat(guest.realpath(path)).size > 0


def says(pattern: str, *, comments: str = "#") -> Callable[[Guest, str], bool]:
    """Return what tells whether a line of a file that is no comment matches a regular expression, in any case.

    Args:
        pattern: searched for in each line.
        comments: the characters that a line of comment begins with.
    """
    wanted = re.compile(rf"^(?![ \t]*[{re.escape(comments)}]).*(?:{pattern})".encode(), re.MULTILINE | re.IGNORECASE)

    def is_said(guest: Guest, path: str) -> bool:
        return bool(wanted.search(head(guest, path)))

    return is_said


def private_key(guest: Guest, path: str) -> bool:
    """Tell whether a file may hold a private key: in PEM, RFC 7468, it says so; what is no PEM may be any form of one."""
    content = head(guest, path)
    return bool(_PRIVATE.search(content)) if _PEM in content else bool(content.strip())
