"""What the tests of transforms share: a guest's whole tree as plain data."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from imagekit.testing.memory import MemoryGuest

Snapshot = dict[str, tuple[str, int, int, int, bytes, str]]


@pytest.fixture
def snapshot() -> Callable[[MemoryGuest], Snapshot]:
    """Take all that a guest holds, so that two moments can be compared."""

    def take(guest: MemoryGuest) -> Snapshot:
        return {
            path: (node.kind, node.mode, node.uid, node.gid, node.content, node.target)
            for path, node in guest.tree.walk("/")
        }

    return take
