from __future__ import annotations

import base64
import bz2
import gzip
import lzma
import sys

import pytest

from imagekit.system.initramfs.compression import LONGEST_MAGIC, compression_of, expand
from imagekit.system.initramfs.stream import BadArchive, Reader
from imagekit.testing.initramfs import pack_initramfs

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

MACHINE_ID = "0123456789abcdef0123456789abcdef\n"
PLAIN = pack_initramfs(
    {
        "etc/machine-id": MACHINE_ID,
        "lib/modules/6.1/kernel/virtio_blk.ko.xz": "".join(f"line {i}\n" for i in range(20)),
    }
)
# Made of PLAIN by "lz4 -l", "lzop" and "lzop -9", which are no part of Python.
LZ4 = base64.b64decode(
    "AiFMGA0BAAByMDcwNzAxMAEAAQgAQjgxYTQPAA0CAAEgAAYCABsyEAAPAgAGFGYaAPwTZXRjL21hY2hpbmUtaWQAAAAAMDEyMzQ1Njc4OWFi"
    "Y2RlZhAAEAokAAikABAyTAAPpAAXIDk2MAAPAgAPJDI4JADxImxpYi9tb2R1bGVzLzYuMS9rZXJuZWwvdmlydGlvX2Jsay5rby54egAAAGxp"
    "bmUgMAoHABIxBwASMgcAEjMHABI0BwASNQcAEjYHABI3BwASOAcAEjkHABQxRwADSAATMUkAEzFKABMxSwATMUwAEzFNABMxTgATMU8AOzE5"
    "CjABD6QBDQ8gAA0PAgAFFGIZAOBUUkFJTEVSISEhAAAAAA=="
)
LZOP = base64.b64decode(
    "iUxaTwANChoKEEAgoAlAAQUDAAAJAACBpGsFibkAAAAAAXM7zwS3AAACUAAAAQZ384heBDA3MDcwMTCgAJwAATgxYTS4AS8UAJwDKFUAMi08"
    "AChkAC0lAGb8AQAQZXRjL21hY2hpbmUtaWQAAAAAMDEyMzQ1Njc4OWFiY2RlZi49AApsBAE3MDcw7Q0ybAkgCY4COTZ8BSABDgAyOOwEACZs"
    "aWIvbW9kdWxlcy82LjEva2VybmVsL3ZpcnRpb19ibGsua28ueHoAAABsaW5lIDAKbGluZSAxCpUBMrUBM7kANLkANbkANrkAN7kAOLkAOboA"
    "MTDcAN0IMcEJMcUJMckJMc0JMdEJMdUJMdgJAjE5CgAAMEwH7BsxHAD8KjFoADtJAGL0AwtUUkFJTEVSISEhAAAAABEAAAAAAAA="
)
LZOP_9 = base64.b64decode(
    "iUxaTwANChoKEEAgoAlAAwkDAAAJAACBpGsFibkAAAAAAXM8QwS9AAACUAAAAOZ384heEzA3RgAxMKAAnAACODFhNDA0AQAxLDsAMjEwIAUB"
    "AGbgAQxldGMvbWFjaGluZS1pZABAAA0wMTIzNDU2Nzg5YWJjZGVmLj0ACmwEKo0CMiANjgI5NiAFigIyOOcBbGliDCgAEG9kdWxlcy82LjEv"
    "a2VybmVsL3ZpcnRpb19ibGsua28ueHpdEmxbGCAwCpkAMbkAMrkAM7kANLkANbkANrkAN7kAOLkAOdgH+AjdCDHBCTHFCTHJCTHNCTHRCTHV"
    "CTHbCTE5Ci28BD6OBjEwIBUBAGLgAQdUUkFJTEVSISEhfDkRAAAAAAAA"
)
COMPRESSED = [
    ("gzip", gzip.compress(PLAIN, mtime=0)),
    ("bzip2", bz2.compress(PLAIN)),
    ("xz", lzma.compress(PLAIN, check=lzma.CHECK_CRC32)),
    ("lzma", lzma.compress(PLAIN, format=lzma.FORMAT_ALONE)),
    ("zstd", zstd.compress(PLAIN)),
    ("lz4", LZ4),
    ("lzop", LZOP),
    ("lzop", LZOP_9),
]


def expanded(data: bytes, step: int = 1 << 20, most: int = 1 << 20) -> tuple[bytes, bytes]:
    pieces = (data[i : i + step] for i in range(0, len(data), step))
    raw = Reader(pieces, most)
    name = compression_of(raw.peek(LONGEST_MAGIC))
    assert name
    return b"".join(expand(raw, name)), raw.some()


@pytest.mark.parametrize(("name", "data"), COMPRESSED)
@pytest.mark.parametrize("step", [1, 7, 1 << 20])
def test_what_was_compressed_comes_back_whatever_the_pieces(name: str, data: bytes, step: int) -> None:
    assert compression_of(data) == name
    assert expanded(data, step) == (PLAIN, b"")


@pytest.mark.parametrize(("name", "data"), COMPRESSED)
def test_what_follows_is_left(name: str, data: bytes) -> None:
    assert expanded(data + bytes(4) + b"next") == (PLAIN, bytes(4) + b"next")


@pytest.mark.parametrize(("name", "data"), COMPRESSED)
def test_streams_behind_each_other_are_one(name: str, data: bytes) -> None:
    assert expanded(data + data) == (PLAIN + PLAIN, b"")


@pytest.mark.parametrize(("name", "data"), COMPRESSED)
def test_a_stream_that_is_cut_is_told(name: str, data: bytes) -> None:
    with pytest.raises(BadArchive):
        expanded(data[:-30])


@pytest.mark.parametrize(("name", "data"), [each for each in COMPRESSED if each[0] not in {"lz4", "lzop"}])
def test_a_stream_that_is_damaged_is_told_with_its_compression(name: str, data: bytes) -> None:
    middle = len(data) // 2

    with pytest.raises(BadArchive, match=name):
        expanded(data[:middle] + bytes(byte ^ 0x55 for byte in data[middle:]))


@pytest.mark.parametrize("data", [LZOP[:-30] + bytes(30), LZOP.replace(b"\0\0\2\x50", b"\x7f\0\2\x50")])
def test_a_damaged_lzop_is_told(data: bytes) -> None:
    with pytest.raises(BadArchive, match="lzop"):
        expanded(data)


def test_pieces_stay_small_however_well_something_was_compressed() -> None:
    raw = Reader(iter([gzip.compress(bytes(8 << 20))]), 1 << 20)

    assert max(map(len, expand(raw, "gzip"))) <= 1 << 20


@pytest.mark.parametrize("head", [b"", b"070701", b"\x1f\x8a", b"#!/bin/sh"])
def test_what_linux_does_not_know_has_no_name(head: bytes) -> None:
    assert compression_of(head) is None
