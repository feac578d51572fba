"""Text files of a guest, byte-faithful: what is no UTF-8 comes back as it went in."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from imagekit.guest.protocol import Guest


def read_text(guest: Guest, path: str) -> str:
    """Return a file's text, links followed; "" if there is no such file. Undecodable bytes become lone surrogates."""
    if not guest.is_file(path, followsymlinks=True):
        return ""
    return guest.read_file(path).decode("utf-8", "surrogateescape")


def write_text(guest: Guest, path: str, text: str) -> None:
    """Write what ``read_text`` returned, edited. The journal drops a write that changes nothing, and holds its path."""
    guest.write(path, text.encode("utf-8", "surrogateescape"))
