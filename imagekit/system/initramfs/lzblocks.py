"""LZ4 and LZO1X blocks in Python: a few old systems use them, and no library that is kept well reads them both.

The formats are those of lz4_Block_format.md (the LZ4 project) and of Documentation/staging/lzo.rst (Linux).
"""

from __future__ import annotations

_LZO_END = 16384
"""The distance that marks the end of an LZO1X stream."""


class BadBlock(ValueError):
    """A block is damaged, or would grow past its limit."""


def _repeat(out: bytearray, distance: int, length: int) -> None:
    """Add ``length`` bytes that begin ``distance`` before the end; they may overlap what is being added."""
    start = len(out) - distance
    if distance < 1 or start < 0:
        raise BadBlock("a distance that leads before its start")
    if distance >= length:
        out += out[start : start + length]
    else:
        out += (out[start:] * (length // distance + 1))[:length]


def lz4_block(data: bytes, most: int) -> bytes:
    """Return an LZ4 block decompressed.

    Raises:
        BadBlock: it is damaged, or holds more than ``most`` bytes.
    """
    try:
        return _lz4_block(data, most)
    except IndexError as short:
        raise BadBlock("a block that ends too early") from short


def _lz4_block(data: bytes, most: int) -> bytes:
    out, i, end = bytearray(), 0, len(data)
    while i < end:
        token = data[i]
        i += 1
        literals = token >> 4
        if literals == 15:
            i, literals = _lz4_length(data, i, literals)
        out += data[i : i + literals]
        i += literals
        if i >= end:
            break
        distance = data[i] | data[i + 1] << 8
        i += 2
        length = token & 15
        if length == 15:
            i, length = _lz4_length(data, i, length)
        if len(out) + length + 4 > most:
            break
        _repeat(out, distance, length + 4)
    if i != end or len(out) > most:
        raise BadBlock("a block that is cut, or larger than it may be")
    return bytes(out)


def _lz4_length(data: bytes, i: int, length: int) -> tuple[int, int]:
    while data[i] == 255:
        length += 255
        i += 1
    return i + 1, length + data[i]


def lzo_block(data: bytes, size: int) -> bytes:
    """Return an LZO1X block of ``size`` bytes decompressed.

    Raises:
        BadBlock: it is damaged, or not of that size.
    """
    try:
        out = _lzo_block(data, size)
    except IndexError as short:
        raise BadBlock("a block that ends too early") from short
    if len(out) != size:
        raise BadBlock("a block that is not of its size")
    return bytes(out)


def _lzo_block(data: bytes, size: int) -> bytearray:
    out, i, state = bytearray(), 0, 0
    if data[0] > 17:
        count = data[0] - 17
        out += data[1 : 1 + count]
        i, state = 1 + count, min(count, 4)
    while len(out) <= size:
        code = data[i]
        if code < 16 and state == 0:
            i, count = _lzo_length(data, i + 1, code, 15)
            out += data[i : i + count + 3]
            i, state = i + count + 3, 4
            continue
        i, distance, length, following = _lzo_match(data, i, state)
        if distance == _LZO_END and 16 <= code < 32:
            return out
        if len(out) + length > size:
            break
        _repeat(out, distance, length)
        out += data[i : i + following]
        i, state = i + following, following
    raise BadBlock("a block that is larger than it may be")


def _lzo_match(data: bytes, i: int, state: int) -> tuple[int, int, int, int]:
    """Return where the instruction at ``i`` ends, its distance, its length, and how many literals follow."""
    code = data[i]
    if code >= 64:
        return i + 2, (data[i + 1] << 3) + (code >> 2 & 7) + 1, (code >> 5) + 1, code & 3
    if code >= 16:
        mask = 31 if code >= 32 else 7
        i, length = _lzo_length(data, i + 1, code & mask, mask)
        pair = data[i] | data[i + 1] << 8
        distance = (pair >> 2) + (1 if code >= 32 else _LZO_END + ((code & 8) << 11))
        return i + 2, distance, length + 2, pair & 3
    near = (data[i + 1] << 2) + (code >> 2)
    return (i + 2, near + 2049, 3, code & 3) if state == 4 else (i + 2, near + 1, 2, code & 3)


def _lzo_length(data: bytes, i: int, length: int, step: int) -> tuple[int, int]:
    """Return where a length ends and what it is; zero in its own bits means that more bytes follow."""
    if length:
        return i, length
    while data[i] == 0:
        step += 255
        i += 1
    return i + 1, step + data[i]
