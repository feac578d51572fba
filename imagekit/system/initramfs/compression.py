"""What an initramfs is compressed with, and its bytes without it: piece by piece, so that no bomb is ever held whole.

The magic numbers are those of lib/decompress.c (Linux). zlib, bz2, lzma and zstd come with Python, the last one since
3.14 and before that by its own backport; lz4 and lzop are read here.
"""

from __future__ import annotations

import bz2
import lzma
import struct
import sys
import zlib
from typing import TYPE_CHECKING, Protocol

from imagekit.system.initramfs.lzblocks import BadBlock, lz4_block, lzo_block
from imagekit.system.initramfs.stream import BadArchive

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from imagekit.system.initramfs.stream import Reader

_PIECE = 1 << 20
_LZMA_MEMORY = 256 << 20
"""More than the 64 MiB of dictionary that ``xz -9`` asks for."""
_LZ4_BLOCK = 8 << 20
"""What a block of lz4's legacy frame holds at the most (lz4_Frame_format.md)."""
_LZO_BLOCK = 64 << 20
"""What a block of lzop holds at the most (MAX_BLOCK_SIZE of lzop)."""

_MAGIC: dict[str, bytes] = {
    "gzip": b"\x1f\x8b",
    "bzip2": b"BZh",
    "xz": b"\xfd7zXZ\x00",
    "lzma": b"\x5d\x00\x00",
    "zstd": b"\x28\xb5\x2f\xfd",
    "lz4": b"\x02\x21\x4c\x18",
    "lzop": b"\x89LZO\x00\r\n\x1a\n",
}
LONGEST_MAGIC = max(map(len, _MAGIC.values()))


class _Decompressor(Protocol):
    """What bz2, lzma and zstd share."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = -1) -> bytes: ...


def compression_of(head: bytes) -> str | None:
    """Return the name of what compressed bytes begin with; None if it is none that Linux knows."""
    return next((name for name, magic in _MAGIC.items() if head.startswith(magic)), None)


def expand(raw: Reader, name: str) -> Iterator[bytes]:
    """Yield the decompressed pieces of the stream that begins here, and of those of its kind right behind it.

    What follows the last of them is left in ``raw``.

    Raises:
        BadArchive: it is damaged, or ends early.
    """
    magic = _MAGIC[name]
    try:
        while raw.peek(len(magic)) == magic:
            yield from _EXPANDERS[name](raw)
    except (zlib.error, lzma.LZMAError, zstd.ZstdError, OSError, ValueError, EOFError, struct.error) as damaged:
        reason = str(damaged) if isinstance(damaged, BadBlock) else "its compressed data are damaged"
        raise BadArchive(f"{reason} ({name})") from damaged


def _by(make: Callable[[], _Decompressor]) -> Callable[[Reader], Iterator[bytes]]:
    def pieces(raw: Reader) -> Iterator[bytes]:
        decompressor = make()
        while not decompressor.eof:
            data = _more(raw) if decompressor.needs_input else b""
            if found := decompressor.decompress(data, _PIECE):
                yield found
        raw.give_back(decompressor.unused_data)

    return pieces


def _gzip(raw: Reader) -> Iterator[bytes]:
    decompressor = zlib.decompressobj(16 + zlib.MAX_WBITS)
    while not decompressor.eof:
        if found := decompressor.decompress(decompressor.unconsumed_tail or _more(raw), _PIECE):
            yield found
    raw.give_back(decompressor.unused_data)


def _lz4(raw: Reader) -> Iterator[bytes]:
    """The legacy frame that ``lz4 -l`` makes: it has no end but that of the file, or a size that cannot be."""
    raw.skip(4)
    while len(head := raw.peek(4)) == 4:
        size = int.from_bytes(head, "little")
        if not 0 < size <= _LZ4_BLOCK + _LZ4_BLOCK // 255 + 16:
            return
        raw.skip(4)
        yield lz4_block(raw.take(size), _LZ4_BLOCK)


def _lzop(raw: Reader) -> Iterator[bytes]:
    """A file of lzop, as lib/decompress_unlzo.c reads it; its checksums are passed over."""
    raw.skip(9)
    version = int.from_bytes(raw.take(2), "big")
    raw.skip(5 if version >= 0x0940 else 3)
    if version >= 0x0940:
        raw.skip(1)
    flags = int.from_bytes(raw.take(4), "big")
    raw.skip((4 if flags & 0x800 else 0) + (12 if version >= 0x0940 else 8))
    raw.skip(raw.take(1)[0] + 4)
    while size := int.from_bytes(raw.take(4), "big"):
        stored = int.from_bytes(raw.take(4), "big")
        if size > _LZO_BLOCK or stored > size:
            raise BadBlock("a block that is larger than it may be")
        checks = (flags & 0x1, flags & 0x100, *((flags & 0x2, flags & 0x200) if stored < size else ()))
        raw.skip(4 * sum(map(bool, checks)))
        data = raw.take(stored)
        yield data if stored == size else lzo_block(data, size)


def _more(raw: Reader) -> bytes:
    data = raw.some()
    if not data:
        raise BadArchive("it ends in the middle of its compressed data")
    return data


_EXPANDERS: dict[str, Callable[[Reader], Iterator[bytes]]] = {
    "gzip": _gzip,
    "bzip2": _by(bz2.BZ2Decompressor),
    "xz": _by(lambda: lzma.LZMADecompressor(memlimit=_LZMA_MEMORY)),
    "lzma": _by(lambda: lzma.LZMADecompressor(memlimit=_LZMA_MEMORY)),
    "zstd": _by(zstd.ZstdDecompressor),
    "lz4": _lz4,
    "lzop": _lzop,
}
