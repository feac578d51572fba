from __future__ import annotations

import base64
import textwrap
import zlib

import pytest

from imagekit.identity.secretscan import NEEDLES, base62, scan

HASH = "$y$j9T$pntF3.0kSsLO7dUA46ev70$5Et1FIQT.QbpAbkvnQwYzgNKr3mevJ87a2ovoPzAMz9"
LINE = f"root:{HASH}:19000:0:99999:7:::\n".encode()
OWN = b"0123456789abcdefghijABCDEFGHIJ"
TOKEN = b"ghp_" + OWN + base62(zlib.crc32(OWN)).encode()


def pem(name: str, key: bytes, *, headers: str = "", width: int = 64, end: str = "\n") -> bytes:
    lines = [f"-----BEGIN {name}-----", *headers.splitlines()]
    lines += [*textwrap.wrap(base64.b64encode(key).decode(), width), f"-----END {name}-----"]
    return (end.join(lines) + end).encode()


def sequence(inside: bytes) -> bytes:
    return b"\x30\x82" + len(inside).to_bytes(2, "big") + inside


OPENSSH = pem("OPENSSH PRIVATE KEY", b"openssh-key-v1\0" + bytes(range(256)), width=70)
PKCS8 = pem("PRIVATE KEY", sequence(b"\x02\x01\x00" + bytes(range(200))))
LOCKED = "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,0123456789ABCDEF\n\n"
CERTAIN = [
    OPENSSH,
    PKCS8,
    pem("RSA PRIVATE KEY", sequence(b"\x02\x01\x00" + bytes(1200))),
    pem("EC PRIVATE KEY", b"\x30\x77\x02\x01\x01" + bytes(0x74)),
    pem("DSA PRIVATE KEY", sequence(b"\x02\x01\x00" + bytes(400))),
    pem("ENCRYPTED PRIVATE KEY", sequence(b"\x30\x40" + bytes(400))),
    pem("RSA PRIVATE KEY", bytes(608), headers=LOCKED),
    pem("PRIVATE KEY", sequence(b"\x02\x01\x00" + bytes(200)), end="\r\n"),
]


def found(data: bytes) -> list[tuple[int, str]]:
    return [(secret.offset, secret.kind) for secret in scan([(0, data)])]


@pytest.mark.parametrize("text", CERTAIN)
def test_a_key_that_decodes_to_its_end_is_found(text: bytes) -> None:
    assert found(b"\0\x7fjunk\n" + text + b"junk") == [(7, "private key")]
    assert found(bytes(512) + text) == [(512, "private key")]


@pytest.mark.parametrize("text", [PKCS8, LINE])
def test_a_library_that_tests_itself_with_a_secret_holds_none(text: bytes) -> None:
    assert found(bytes(32) + text + b"\0" + text + b"\0") == []


@pytest.mark.parametrize(
    "text",
    [
        b"-----BEGIN PRIVATE KEY-----\0-----END PRIVATE KEY-----\0-----BEGIN RSA PRIVATE KEY-----\0",
        b"-----BEGIN OPENSSH PRIVATE KEY-----\n-----END OPENSSH PRIVATE KEY-----\n",
        PKCS8[:150],
        PKCS8.replace(b"END PRIVATE", b"END RSA PRIVATE"),
        PKCS8[:100] + b"\0" + PKCS8[100:],
        pem("PRIVATE KEY", sequence(b"\x02\x01\x00" + bytes(200)) + b"more"),
        pem("PRIVATE KEY", b"an example of a key, which is none: " + bytes(100)),
        pem("RSA PRIVATE KEY", sequence(b"\x30\x40" + bytes(200))),
        pem("PRIVATE KEY", sequence(b"\x02\x01\x00")),
        pem("OPENSSH PRIVATE KEY", b"openssh-key-v2\0" + bytes(200)),
        pem("RSA PRIVATE KEY", bytes(20), headers=LOCKED),
        pem("PUBLIC KEY", sequence(b"\x02\x01\x00" + bytes(200))),
        b"-----BEGIN RSA PRIVATE KEY-----\n    MIIBxwIBAAJhAKD0YSHy73nUgysO13XsJmd4fHiFyQ\n    ...\n",
        b"PRIVATE KEY-----",
    ],
)
def test_a_header_an_example_and_half_a_key_are_none(text: bytes) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    "hashed",
    [
        HASH,
        "$6$/mfD96VBF0gqc3H0$nE04bTyLwXGu6ZxeGcbTeUFJa389mJtCVCx/e0oZoa0Z.0nr45sm0NhTM2pN.NU55oPS81b2/QqY1p6a3M0",
        "$2b$05$utN1Dj1xqxH153SXmEnX4Oul5YGmPr6UoK23Bs0WZIKOlpRxT/hFS",
        "$1$abcdefgh$0123456789abcdefghijkl",
    ],
)
@pytest.mark.parametrize("before", [b"", bytes(512), b"daemon:*:1::::::\n"])
def test_a_line_of_shadow_is_found(before: bytes, hashed: str) -> None:
    line = f"ada:{hashed}:19000::99999:7:::\n".encode()

    assert found(before + line) == [(len(before), "password hash")]


@pytest.mark.parametrize(
    "text",
    [
        b"root:*:19000:0:99999:7:::\n",
        b"root:!" + LINE[5:],
        LINE.rstrip(b"\n"),
        LINE.replace(b":0:99999", b""),
        b"passwd: " + HASH.encode(),
        b"example = root:" + HASH.encode() + b":19000:0:99999:7:::\n",
        b"a:$6$salt$short:1::::::\n",
        b":$",
    ],
)
def test_a_hash_without_its_line_is_none(text: bytes) -> None:
    assert found(text) == []


def test_a_token_proves_itself_by_its_checksum() -> None:
    # The sample that GitHub gave when it introduced the form, with its checksum.
    assert base62(zlib.crc32(b"zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ")) == "0mLq17"
    assert found(b'"' + TOKEN + b'"') == [(1, "token")]
    assert found(TOKEN[:-1] + b"!" + b"x" + TOKEN + b"x" + TOKEN.replace(b"abc", b"abd")) == []


def test_a_secret_is_recognised_whatever_the_text_around_it_and_never_told() -> None:
    one, other = scan([(0, PKCS8), (1 << 20, b"\n" + PKCS8.replace(b"\n", b"\r\n"))])
    (third,) = scan([(0, OPENSSH)])

    assert one.digest == other.digest != third.digest
    assert PKCS8[40:60].decode() not in repr(one)


@pytest.mark.parametrize("text", [OPENSSH, LINE, TOKEN + b" "])
@pytest.mark.parametrize("size", [1, 7, 64, 4096])
def test_a_secret_across_pieces_is_found_once(text: bytes, size: int) -> None:
    data = bytes(999) + b"\n" + text + bytes(29_999) + b"\n" + text
    pieces = [(at, data[at : at + size]) for at in range(0, len(data), size)]
    if size == 1:
        pieces = [(0, data[:990]), *((at, data[at : at + 1]) for at in range(990, 1300)), (1300, data[1300:])]

    assert [secret.offset for secret in scan(pieces)] == [1000, 31_000 + len(text)]


def test_bytes_that_do_not_follow_on_each_other_are_no_secret_together() -> None:
    assert list(scan([(0, PKCS8[:100]), (4096, PKCS8[100:])])) == []


def test_a_secret_at_the_very_beginning_and_at_the_very_end_is_found() -> None:
    assert [offset for offset, _ in found(LINE + bytes(102_400 - len(LINE)) + PKCS8)] == [0, 102_400]


@pytest.mark.parametrize("text", [*CERTAIN, LINE, TOKEN])
def test_what_holds_a_secret_holds_a_needle(text: bytes) -> None:
    assert any(needle in text for needle in NEEDLES)
