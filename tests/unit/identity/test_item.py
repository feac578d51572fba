from __future__ import annotations

import dataclasses

import pytest

from imagekit.identity.item import Item
from imagekit.testing.memory import MemoryGuest

TOKEN = Item(
    id="token",
    group="test",
    title="a token",
    severity="error",
    paths=("/etc/token",),
    detect=lambda guest: tuple(path for path in ("/etc/token",) if guest.exists(path)),
    reset=lambda guest, spare=(): guest.erase(*{"/etc/token"} - set(spare)),
    returns=lambda guest: "cron makes one" if guest.exists("/etc/crontab") else "",
)


def test_an_item_is_found_reset_and_then_not_found_any_more() -> None:
    guest = MemoryGuest({"/etc/token": "x", "/etc/crontab": ""})

    assert TOKEN.detect(guest) == ("/etc/token",)
    TOKEN.reset(guest)
    assert TOKEN.detect(guest) == ()
    assert TOKEN.returns(guest) == "cron makes one"


def test_an_item_is_a_constant() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        TOKEN.severity = "note"


def test_what_is_spared_stays() -> None:
    guest = MemoryGuest({"/etc/token": "x"})

    TOKEN.reset(guest, {"/etc/token"})

    assert TOKEN.detect(guest) == ("/etc/token",)


def test_an_item_need_not_be_recognised_nor_be_in_an_initramfs() -> None:
    guest = MemoryGuest()

    assert (TOKEN.recognise(guest), TOKEN.copied(guest)) == ("", ())
    assert [TOKEN.is_copy(content) for content in (b"", b"\n", b"x")] == [False, False, True]


def test_an_item_is_on_and_brands_and_is_confidential_and_adds_nothing_unless_it_says_so() -> None:
    assert (TOKEN.default, TOKEN.brands, TOKEN.confidential, TOKEN.scope) == (True, True, True, "guest")
    assert (TOKEN.adds(MemoryGuest()), TOKEN.aliases, TOKEN.why) == ((), (), "")
