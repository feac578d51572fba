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
    reset=lambda guest: guest.erase("/etc/token"),
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
