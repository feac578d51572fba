from __future__ import annotations

import pytest

from imagekit.identity.holds import head, private_key, says, something
from imagekit.testing.memory import Dir, Link, MemoryGuest, Special

KEY = "-----BEGIN RSA PRIVATE KEY-----\nMIIB\n-----END RSA PRIVATE KEY-----\n"
CERTIFICATE = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"


@pytest.fixture
def guest() -> MemoryGuest:
    return MemoryGuest(
        {
            "/full": "x",
            "/empty": "",
            "/deep/a/b": "x",
            "/hollow/a/b": "",
            "/hollow/c": Dir(),
            "/to-full": Link("full"),
            "/to-empty": Link("empty"),
            "/to-nothing": Link("gone"),
            "/dev/null": Special(),
            "/to-null": Link("/dev/null"),
        }
    )


@pytest.mark.parametrize("path", ["/full", "/deep", "/to-full"])
def test_there_is_something_where_there_are_bytes(guest: MemoryGuest, path: str) -> None:
    assert something(guest, path)


@pytest.mark.parametrize("path", ["/empty", "/hollow", "/to-empty", "/to-nothing", "/to-null", "/gone"])
def test_there_is_nothing_in_what_is_empty_or_leads_nowhere(guest: MemoryGuest, path: str) -> None:
    assert not something(guest, path)


def test_the_beginning_of_a_file_is_read_through_a_link(guest: MemoryGuest) -> None:
    assert (head(guest, "/to-full"), head(guest, "/to-null"), head(guest, "/deep")) == (b"x", b"", b"")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a\n  secret = 1\n", True),
        ("SECRET\n", True),
        ("# secret\n", False),
        ("  ; secret\n", False),
        ("a # secret\n", True),
        ("", False),
    ],
)
def test_what_is_said_is_said_outside_of_comments(text: str, said: bool) -> None:
    guest = MemoryGuest({"/file": text})

    assert says("secret", comments="#;")(guest, "/file") is said


@pytest.mark.parametrize(
    ("content", "held"),
    [
        (KEY, True),
        (CERTIFICATE + KEY, True),
        ("-----BEGIN PRIVATE KEY-----\n", True),
        ("-----BEGIN OPENSSH PRIVATE KEY-----\n", True),
        ("0\x82\x04\xa4", True),
        (CERTIFICATE, False),
        ("-----BEGIN PUBLIC KEY-----\nMIIB\n", False),
        ("-----BEGIN DH PARAMETERS-----\nMIIB\n", False),
        (" \n", False),
    ],
)
def test_a_file_of_certificates_alone_is_no_private_key(content: str, held: bool) -> None:
    guest = MemoryGuest({"/file": content})

    assert private_key(guest, "/file") is held
