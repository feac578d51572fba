from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from imagekit.guest.journal import JournaledGuest
from imagekit.testing.contract import CommandContract, GuestContract
from imagekit.testing.memory import MemoryGuest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from imagekit.guest.protocol import CommandResult


class TestJournaledGuest(GuestContract):
    @pytest.fixture
    def guest(self) -> JournaledGuest:
        guest = JournaledGuest(MemoryGuest(), keep_text=True)
        guest.begin("contract")
        return guest


class TestJournaledGuestBetweenSteps(GuestContract):
    @pytest.fixture
    def guest(self) -> JournaledGuest:
        return JournaledGuest(MemoryGuest())


class TestJournaledGuestCommands(CommandContract):
    @pytest.fixture
    def guest(self) -> JournaledGuest:
        def shell(argv: tuple[str, ...], env: Mapping[str, str]) -> CommandResult | None:
            return self.SCRIPTS[argv[2]] if argv[0] == "/bin/sh" else None

        guest = MemoryGuest()
        guest.answer(shell)
        return JournaledGuest(guest)
