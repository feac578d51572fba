"""Flaws looked for in phony guests; and every such guest as its distribution publishes it, in which there are none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from imagekit.identity.flaw import CannotTell, Scene, Sign
from imagekit.identity.flaws import load_flaws
from imagekit.testing.phony import guest_names

if TYPE_CHECKING:
    from collections.abc import Callable

    from imagekit.testing.memory import MemoryGuest
    from imagekit.testing.phony import Recipe


@pytest.fixture(params=guest_names())
def clean(request: pytest.FixtureRequest, recipes: dict[str, Recipe]) -> MemoryGuest:
    """Each phony guest in turn; with cloud-init comes what it recommends."""
    guest = recipes[request.param].guest()
    if guest.exists("/usr/bin/cloud-init"):
        guest.add("/usr/bin/growpart", "")
    return guest


@pytest.fixture
def look() -> Callable[..., list[Sign | CannotTell]]:
    """``look("weak-password", guest, snapshots=1)``: everything that one flaw shows in a scene."""
    flaws = {flaw.id: flaw for flaw in load_flaws()}

    def find(name: str, guest: MemoryGuest, **scene: Any) -> list[Sign | CannotTell]:
        return list(flaws[name].find(Scene(guest, **scene)))

    return find
