"""Secrets in raw bytes that are certain: what holds a whole, decodable key, or a line of shadow(5). Pure.

Programs and their documents are full of the headers of keys and of things that look like tokens. So nothing counts but
what proves itself: a key whose body decodes to the end and begins as its format says, a hash amid all the fields of its
line, a token of GitHub's whose last six characters are the checksum of the others. A key and a hash also begin where a
file or a line of one may: libraries such as GnuTLS carry whole keys to test themselves with, amid their other bytes.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Kind = Literal["private key", "password hash", "token"]

_HASHES = ("1", "2a", "2b", "2y", "5", "6", "7", "y", "gy")
NEEDLES = (
    b"PRIVATE KEY-----",
    *(f":${kind}$".encode() for kind in _HASHES),
    *(b"gh%c_" % letter for letter in b"pousr"),
)
"""A text that holds none of these holds no secret that is known here."""
_MOST = 20 << 10
"""Bytes that a secret takes at the most: a key of RSA with 16384 bits is 13 KiB of text."""
_BEFORE = 64
"""Bytes before what is looked for: the beginning of a header, or the name of a user."""
_HEADER = re.compile(
    rb"-----BEGIN (?P<name>(?:(?:OPENSSH|RSA|DSA|EC|ENCRYPTED) )?PRIVATE KEY)-----\r?\n"
    rb"(?P<locked>Proc-Type: 4,ENCRYPTED\r?\nDEK-Info: [\w,-]+\r?\n\r?\n)?"
    rb"(?P<body>(?:[A-Za-z0-9+/]{1,76}={0,2}\r?\n)+)"
    rb"-----END (?P=name)-----"
)
_BLOCK = 512
"""Bytes of a sector: no file system gives a file of more than a few bytes another place to begin."""
_OPENSSH = b"openssh-key-v1\0"
_SHADOW = re.compile(
    rb"[A-Za-z_][\w.-]{0,31}:"
    rb"(?P<hash>\$(?:" + "|".join(_HASHES).encode() + rb")\$[./0-9A-Za-z=,$]{20,130}):"
    rb"\d{0,6}:\d{0,6}:\d{0,6}:\d{0,6}:\d{0,6}:\d{0,6}:\n"
)
"""A whole line: name, hash, then six numbers and a field that is empty, shadow(5)."""
_TOKEN = re.compile(rb"(?<![0-9A-Za-z_])gh[pousr]_(?P<own>[0-9A-Za-z]{30})(?P<sum>[0-9A-Za-z]{6})(?![0-9A-Za-z_])")
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class Secret:
    """One secret where it was found; it is told from others by a digest, and is itself nowhere in here.

    Attributes:
        offset: bytes from the beginning of what was searched.
        kind: what it is.
        digest: SHA-256 of the kind and of the secret, whatever the text around it.
    """

    offset: int
    kind: Kind
    digest: str


def scan(pieces: Iterable[tuple[int, bytes]]) -> Iterator[Secret]:
    """Yield the secrets in pieces of bytes, by their offset; a secret may lie across pieces that follow on each other.

    Args:
        pieces: offset and bytes, in their order, none over another; what is between them is taken for zeros.
    """
    start, held, seen = 0, b"", 0
    for offset, piece in pieces:
        if start + len(held) != offset:
            yield from _within(held, start, seen, len(held))
            start, held, seen = offset, b"", 0
        held += piece
        ready = max(seen, len(held) - _MOST)
        yield from _within(held, start, seen, ready)
        cut = max(0, ready - _BEFORE)
        start, held, seen = start + cut, held[cut:], ready - cut
    yield from _within(held, start, seen, len(held))


def _within(data: bytes, start: int, first: int, end: int) -> Iterator[Secret]:
    """Yield the secrets that begin from ``first`` up to ``end`` of a buffer, which is at ``start``."""
    texts = (found for found in (*_keys(data), *_hashes(data)) if _begins(data, start, found[0]))
    for offset, kind, content in sorted((*texts, *_tokens(data))):
        if first <= offset < end:
            digest = hashlib.sha256(f"{kind}\0".encode() + content).hexdigest()
            yield Secret(start + offset, kind, digest)


def _begins(data: bytes, start: int, offset: int) -> bool:
    """Tell whether a line begins there, or a block, and so maybe a file."""
    return data[max(0, offset - 1) : offset] == b"\n" or (start + offset) % _BLOCK == 0


def _places(data: bytes, needle: bytes) -> Iterator[int]:
    # A search for a fixed text is many times as fast as one for an expression.
    at = data.find(needle)
    while at >= 0:
        yield at
        at = data.find(needle, at + len(needle))


def _keys(data: bytes) -> Iterator[tuple[int, Kind, bytes]]:
    for at in _places(data, b"PRIVATE KEY-----"):
        begin = data.rfind(b"-----BEGIN ", max(0, at - _BEFORE), at)
        found = _HEADER.match(data, begin, begin + _MOST) if begin >= 0 else None
        key = decoded(found) if found else b""
        if key:
            yield begin, "private key", key


def decoded(found: re.Match[bytes]) -> bytes:
    """Return the bytes of a key in PEM if they are what its header says; b"" if they are not.

    RFC 7468 for the text, RFC 5208 and RFC 5915 for what follows on the first SEQUENCE, PROTOCOL.key of OpenSSH. Of
    a key that is locked in the old way of PEM, RFC 1421, only the length can be judged.
    """
    try:
        key = base64.b64decode(re.sub(rb"\s", b"", found["body"]), validate=True)
    except (binascii.Error, ValueError):
        return b""
    name = found["name"]
    if name.startswith(b"OPENSSH"):
        return key if key.startswith(_OPENSSH) and len(key) > 100 else b""
    if found["locked"]:
        return key if len(key) >= 48 and len(key) % 8 == 0 else b""
    inside = _sequence(key)
    first = b"\x30" if name.startswith(b"ENCRYPTED") else b"\x02\x01"
    return key if inside.startswith(first) and len(inside) >= 40 else b""


def _sequence(key: bytes) -> bytes:
    """Return what is in the one SEQUENCE that a key is, X.690 8.1; b"" if it is none, or of another length."""
    if len(key) < 4 or key[0] != 0x30:
        return b""
    size, at = key[1], 2
    if size >= 0x80:
        count = size & 0x7F
        size, at = int.from_bytes(key[2 : 2 + count], "big"), 2 + count
    return key[at:] if 0 < size == len(key) - at else b""


def _hashes(data: bytes) -> Iterator[tuple[int, Kind, bytes]]:
    for at in _places(data, b":$"):
        line = max(data.rfind(b"\n", max(0, at - _BEFORE), at), data.rfind(b"\0", max(0, at - _BEFORE), at)) + 1
        found = _SHADOW.match(data, line)
        if found and found.start("hash") == at + 1:
            yield line, "password hash", found["hash"]


def _tokens(data: bytes) -> Iterator[tuple[int, Kind, bytes]]:
    for letter in b"pousr":
        for at in _places(data, b"gh%c_" % letter):
            found = _TOKEN.match(data, at)
            if found and base62(zlib.crc32(found["own"])) == found["sum"].decode():
                yield at, "token", found[0]


def base62(number: int) -> str:
    """Return a number in six digits of GitHub's base 62."""
    digits = ""
    for _ in range(6):
        number, digit = divmod(number, 62)
        digits = _DIGITS[digit] + digits
    return digits
