from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from imagekit.testing.memory import MemoryGuest


KEY = "-----BEGIN OPENSSH PRIVATE KEY-----\nNOT A KEY\n-----END OPENSSH PRIVATE KEY-----\n"


def test_no_clean_guest_has_one(look: Callable[..., Any], clean: MemoryGuest) -> None:
    assert look("private-key", clean) == []


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/root/.ssh/deploy", KEY),
        ("/root/.ssh/keys/github", KEY.replace("OPENSSH", "RSA")),
        ("/root/cloud.pem", KEY.replace("OPENSSH ", "")),
        ("/root/old.ppk", "PuTTY-User-Key-File-3: ssh-ed25519\n"),
    ],
)
def test_a_key_under_a_name_of_its_own_is_found(
    look: Callable[..., Any], debian: MemoryGuest, path: str, text: str
) -> None:
    debian.add(path, text)

    (sign,) = look("private-key", debian)

    assert (sign.path, sign.mend) == (path, ({"delete": path},))
    assert "NOT A KEY" not in str(sign)


@pytest.mark.parametrize("path", ["/root/.ssh/id_rsa", "/root/.ssh/aws.pem", "/root/.ssh/known_hosts"])
def test_what_the_catalogue_has_is_not_told_twice(look: Callable[..., Any], debian: MemoryGuest, path: str) -> None:
    debian.add(path, KEY)

    assert look("private-key", debian) == []


@pytest.mark.parametrize("text", ["-----BEGIN CERTIFICATE-----\n", "-----BEGIN PUBLIC KEY-----\n", "Host *\n", ""])
def test_what_is_no_private_key_is_let_be(look: Callable[..., Any], debian: MemoryGuest, text: str) -> None:
    debian.add("/root/.ssh/other", text)
    debian.add("/root/ca.pem", text)

    assert look("private-key", debian) == []
