"""A forward reader over pieces of bytes of any size, with a limit on how many it takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_CUT = "it ends in the middle of an archive"


class BadArchive(Exception):
    """An initramfs cannot be read; the text says why, and its reader adds which image it was."""


class Reader:
    """Takes bytes from an iterator of pieces, in order, and holds no more of them than it is asked for."""

    def __init__(self, pieces: Iterator[bytes], most: int) -> None:
        self._pieces = pieces
        self._most = most
        self._taken = 0
        self._held = b""
        self._at = 0

    def _fill(self) -> bool:
        piece = next(self._pieces, None)
        if piece is None:
            return False
        self._taken += len(piece)
        if self._taken > self._most:
            raise BadArchive(f"it holds more than {self._most >> 20} MiB")
        self._held = self._held[self._at :] + piece
        self._at = 0
        return True

    def peek(self, count: int) -> bytes:
        """Return the next ``count`` bytes and leave them; fewer at the end."""
        while len(self._held) - self._at < count and self._fill():
            pass
        return self._held[self._at : self._at + count]

    def take(self, count: int) -> bytes:
        """Return the next ``count`` bytes.

        Raises:
            BadArchive: there are fewer.
        """
        found = self.peek(count)
        if len(found) < count:
            raise BadArchive(_CUT)
        self._at += count
        return found

    def some(self) -> bytes:
        """Return what is at hand, or the next piece; b"" at the end."""
        while self._at == len(self._held) and self._fill():
            pass
        found = self._held[self._at :]
        self._held, self._at = b"", 0
        return found

    def give_back(self, data: bytes) -> None:
        """Put bytes that were taken back in front."""
        self._held, self._at = data + self._held[self._at :], 0

    def skip(self, count: int) -> None:
        """Pass over ``count`` bytes.

        Raises:
            BadArchive: there are fewer.
        """
        while count > len(self._held) - self._at:
            count -= len(self._held) - self._at
            self._held, self._at = b"", 0
            if not self._fill():
                raise BadArchive(_CUT)
        self._at += count

    def skip_zeros(self) -> None:
        """Pass over padding."""
        while piece := self.some():
            if rest := piece.lstrip(b"\0"):
                self.give_back(rest)
                return
