"""What a guest says on a serial line: kept within bounds, and made fit to read."""

from __future__ import annotations

import re

# ECMA-48: control sequences, then the two-byte escapes, then what a terminal acts upon unseen.
_ESCAPES = re.compile(rb"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[@-_a-z]|[\x00-\x08\x0b-\x1a\x1c-\x1f\x7f]")


class Tail:
    """Bytes of which only the last ``limit`` are kept, since a guest may write for ever."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._kept = bytearray()

    def feed(self, data: bytes) -> None:
        """Take more bytes; drop from the front what is over the limit."""
        self._kept += data
        del self._kept[: max(0, len(self._kept) - self._limit)]

    @property
    def text(self) -> str:
        """What was kept, as text that no terminal acts upon."""
        return readable(bytes(self._kept))


def readable(raw: bytes) -> str:
    """Return serial output as lines of text: no escape sequence, no carriage return, undecodable bytes replaced."""
    return _ESCAPES.sub(b"", raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n")).decode(errors="replace")
