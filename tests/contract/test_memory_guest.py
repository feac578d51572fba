from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from imagekit.testing.contract import CommandContract, GuestContract
from imagekit.testing.memory import MemoryGuest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from imagekit.guest.protocol import CommandResult


class TestMemoryGuest(GuestContract):
    @pytest.fixture
    def guest(self) -> MemoryGuest:
        return MemoryGuest()


class TestMemoryGuestCommands(CommandContract):
    @pytest.fixture
    def guest(self) -> MemoryGuest:
        def shell(argv: tuple[str, ...], env: Mapping[str, str]) -> CommandResult | None:
            return self.SCRIPTS[argv[2]] if argv[0] == "/bin/sh" else None

        guest = MemoryGuest()
        guest.answer(shell)
        return guest
