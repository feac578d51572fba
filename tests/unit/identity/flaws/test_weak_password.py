from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from imagekit.identity.flaw import CannotTell
from imagekit.system import guessing

if TYPE_CHECKING:
    from collections.abc import Callable

    from imagekit.testing.memory import MemoryGuest


VAGRANT = "$6$/mfD96VBF0gqc3H0$nE04bTyLwXGu6ZxeGcbTeUFJa389mJtCVCx/e0oZoa0Z.0nr45sm0NhTM2pN.NU55oPS81b2/QqY...1p6a3M0"
"""Of the word that its name says, made by libxcrypt."""


def put(guest: MemoryGuest, field: str) -> None:
    guest.write("/etc/shadow", f"root:{field}:19700:0:99999:7:::\n")


def test_no_clean_guest_has_one(look: Callable[..., Any], clean: MemoryGuest) -> None:
    assert look("weak-password", clean) == []


def test_a_notorious_password_is_found_and_not_told(look: Callable[..., Any], debian: MemoryGuest) -> None:
    put(debian, VAGRANT)

    (sign,) = look("weak-password", debian)

    assert sign.path == "/etc/shadow"
    assert "root" in sign.message
    assert "vagrant" not in sign.message
    assert VAGRANT not in str(sign)


def test_a_password_that_is_not_notorious_is_let_be(look: Callable[..., Any], debian: MemoryGuest) -> None:
    put(debian, VAGRANT[:-1] + "1")

    assert look("weak-password", debian) == []


def test_a_password_that_is_the_name_is_found(look: Callable[..., Any], debian: MemoryGuest) -> None:
    debian.write("/etc/passwd", "vagrant:x:1000:1000::/srv/v:/bin/bash\n")
    debian.write("/etc/shadow", f"vagrant:{VAGRANT}:19700::::::\n")

    assert len(look("weak-password", debian)) == 1


@pytest.mark.parametrize("field", [f"!{VAGRANT}", "!", "*"])
def test_a_locked_password_is_none(look: Callable[..., Any], debian: MemoryGuest, field: str) -> None:
    put(debian, field)

    assert look("weak-password", debian) == []


def test_a_hash_that_would_keep_this_host_busy_is_told_as_not_checked(
    look: Callable[..., Any], debian: MemoryGuest
) -> None:
    put(debian, f"$6$rounds=999999999{VAGRANT[2:]}")

    (told,) = look("weak-password", debian)

    assert isinstance(told, CannotTell)
    assert told.path == "/etc/shadow"


def test_no_more_than_some_users_are_tried_and_that_is_told(
    look: Callable[..., Any], debian: MemoryGuest, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[str] = []
    monkeypatch.setattr(guessing, "guess", lambda field, _: bool(tried.append(field)))
    debian.write("/etc/passwd", "".join(f"u{n}:x:{n}:0::/srv:/bin/sh\n" for n in range(30)))
    debian.write("/etc/shadow", "".join(f"u{n}:{VAGRANT}:::::::\n" for n in range(30)))

    (told,) = look("weak-password", debian)

    assert len(tried) == 20
    assert "20 of 30" in told.reason


def test_a_host_without_libxcrypt_says_so(
    look: Callable[..., Any], debian: MemoryGuest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guessing, "can_guess", lambda: False)
    put(debian, VAGRANT)

    (told,) = look("weak-password", debian)

    assert isinstance(told, CannotTell)
