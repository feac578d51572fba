from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from imagekit.identity.flaw import Sign

if TYPE_CHECKING:
    from collections.abc import Callable

    from imagekit.testing.memory import MemoryGuest


def empty(guest: MemoryGuest, user: str) -> None:
    """Take away what stands in the place of a user's password."""
    text = guest.read_file("/etc/shadow").decode()
    guest.write("/etc/shadow", re.sub(rf"^{user}:[^:]*", f"{user}:", text, flags=re.MULTILINE))


def test_no_clean_guest_has_one(look: Callable[..., Any], clean: MemoryGuest) -> None:
    assert look("empty-password", clean) == []


def test_an_empty_field_of_shadow_lets_everybody_in(look: Callable[..., Any], debian: MemoryGuest) -> None:
    empty(debian, "root")

    (sign,) = look("empty-password", debian)

    assert (sign.path, sign.mend) == ("/etc/shadow", ({"run": ["passwd", "-l", "root"]},))
    assert "root" in sign.message


def test_a_user_without_a_shell_gets_nowhere(look: Callable[..., Any], debian: MemoryGuest) -> None:
    empty(debian, "sshd")

    assert look("empty-password", debian) == []


def test_an_empty_field_of_passwd_does_not_ask_shadow(look: Callable[..., Any], debian: MemoryGuest) -> None:
    debian.write("/etc/passwd", "old::1000:1000::/srv/old:/bin/sh\n")

    assert look("empty-password", debian) == [
        Sign("/etc/passwd", "the user old has an empty password", ({"run": ["passwd", "-l", "old"]},))
    ]


@pytest.mark.parametrize("field", ["!", "*", "!!", "!*", "x"])
def test_a_lock_is_no_empty_password(look: Callable[..., Any], debian: MemoryGuest, field: str) -> None:
    debian.write("/etc/shadow", f"root:{field}:19700:0:99999:7:::\n")

    assert look("empty-password", debian) == []


def test_a_user_that_shadow_does_not_know_cannot_log_in(look: Callable[..., Any], debian: MemoryGuest) -> None:
    debian.write("/etc/shadow", "daemon:*:19700::::::\n")

    assert look("empty-password", debian) == []
