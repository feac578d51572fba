from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from imagekit.system.initramfs.lzblocks import BadBlock, lz4_block, lzo_block

NOISE = bytes((i * 167 + i // 251 * 13) % 256 for i in range(20000))
LZO_END = b"\x11\0\0"


def lz4_literals(data: bytes) -> bytes:
    """A last sequence, which is literals alone."""
    if len(data) < 15:
        return bytes([len(data) << 4]) + data
    more, rest = divmod(len(data) - 15, 255)
    return b"\xf0" + b"\xff" * more + bytes([rest]) + data


def lzo_literals(data: bytes) -> bytes:
    """A run of more than 18 literals, as it may stand at the very start."""
    more, rest = divmod(len(data) - 18, 255)
    more, rest = (more - 1, 255) if not rest else (more, rest)
    return b"\0" + bytes(more) + bytes([rest]) + data


@pytest.mark.parametrize(
    ("block", "plain"),
    [
        (lz4_literals(b""), b""),
        (lz4_literals(b"short"), b"short"),
        (lz4_literals(NOISE[:1000]), NOISE[:1000]),
        (b"\x40abcd\x04\0" + lz4_literals(b"e"), b"abcdabcde"),
        (b"\x12a\x01\0" + lz4_literals(b"b"), b"aaaaaaab"),
        (b"\x3fabc\x02\0\xff\x01" + lz4_literals(b""), b"abc" + (b"bc" * 200)[:275]),
    ],
)
def test_an_lz4_block_is_read(block: bytes, plain: bytes) -> None:
    assert lz4_block(block, len(plain)) == plain


@pytest.mark.parametrize(
    "block",
    [
        b"\x40ab",
        b"\xf0",
        b"\xf0\xff\xff",
        b"\x10a\x02\0" + lz4_literals(b"b"),
        b"\x10a\0\0" + lz4_literals(b"b"),
        b"\x10a\x01",
        b"\x1fa\x01\0" + b"\xff" * 1000 + b"\0" + lz4_literals(b"b"),
        lz4_literals(NOISE[:200]),
    ],
)
def test_an_lz4_block_that_is_damaged_or_too_large_is_told(block: bytes) -> None:
    with pytest.raises(BadBlock):
        lz4_block(block, 100)


@pytest.mark.parametrize(
    ("block", "plain"),
    [
        (b"\x15abcd" + LZO_END, b"abcd"),
        (lzo_literals(NOISE[:300]) + LZO_END, NOISE[:300]),
        (b"\x15abcd\x6c\0" + LZO_END, b"abcd" + b"abcd"),
        (b"\x15abcd\x8d\0e" + LZO_END, b"abcd" + b"abcda" + b"e"),
        (b"\x15abcd\x21\x0c\0" + LZO_END, b"abcdabc"),
        (b"\x15abcd\x20\x05\x0e\0yz" + LZO_END, b"abcd" + b"abcd" * 9 + b"ab" + b"yz"),
        (lzo_literals(NOISE) + b"\x13\xa0\x0f" + LZO_END, NOISE + NOISE[20000 - 16384 - 1000 :][:5]),
        (b"\x13ab\x04\0" + LZO_END, b"abab"),
        (lzo_literals(NOISE[:2100]) + b"\x0c\x0c" + LZO_END, NOISE[:2100] + NOISE[:3]),
    ],
)
def test_an_lzo_block_is_read(block: bytes, plain: bytes) -> None:
    assert lzo_block(block, len(plain)) == plain


@pytest.mark.parametrize(
    "block",
    [
        b"",
        b"\x15ab",
        b"\x15abcd\x9c\x01" + LZO_END,
        b"\x15abcd" + b"\x20" + bytes(1000),
        b"\x15abcd" + b"\x20" + bytes(9) + b"\x05\x0c\0" + LZO_END,
        b"\x15abcd" + LZO_END,
        lzo_literals(NOISE[:200]) + LZO_END,
    ],
)
def test_an_lzo_block_that_is_damaged_or_not_of_its_size_is_told(block: bytes) -> None:
    with pytest.raises(BadBlock):
        lzo_block(block, 100)


@given(st.binary(max_size=200))
def test_no_block_whatever_breaks_out_of_its_limit(block: bytes) -> None:
    for read in (lz4_block, lzo_block):
        try:
            assert len(read(block, 64)) <= 64
        except BadBlock:
            continue
