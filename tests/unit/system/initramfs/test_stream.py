from __future__ import annotations

import pytest

from imagekit.system.initramfs.stream import BadArchive, Reader


def reader(*pieces: bytes, most: int = 1 << 20) -> Reader:
    return Reader(iter(pieces), most)


def test_pieces_are_read_as_one() -> None:
    there = reader(b"ab", b"", b"cdef", b"g")

    assert (there.peek(3), there.take(3), there.take(4), there.peek(1)) == (b"abc", b"abc", b"defg", b"")


def test_peeking_past_the_end_returns_what_is_left() -> None:
    there = reader(b"ab")

    assert (there.peek(9), there.take(2)) == (b"ab", b"ab")


def test_skipping_goes_over_pieces() -> None:
    there = reader(b"abc", b"def", b"ghi")
    there.take(1)
    there.skip(6)

    assert there.some() == b"hi"


def test_what_is_given_back_comes_next() -> None:
    there = reader(b"abc", b"def")
    there.take(1)
    there.give_back(b"xy")

    assert there.take(7) == b"xybcdef"


def test_padding_is_passed_over_to_whatever_follows_it() -> None:
    there = reader(b"\0\0", bytes(5), b"\0a\0b")
    there.skip_zeros()

    assert there.take(3) == b"a\0b"


def test_padding_may_be_all_there_is() -> None:
    there = reader(bytes(3), bytes(3))
    there.skip_zeros()

    assert there.some() == b""


def test_the_end_comes_as_an_error_to_who_needs_more() -> None:
    for demand in (lambda: reader(b"abc").take(4), lambda: reader(b"abc").skip(4)):
        with pytest.raises(BadArchive, match="ends"):
            demand()


def test_no_more_than_the_limit_is_taken() -> None:
    endless = Reader(iter(lambda: bytes(1 << 10), b""), 1 << 20)

    with pytest.raises(BadArchive, match="more than 1 MiB"):
        endless.skip(1 << 40)
