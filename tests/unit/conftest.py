"""What tests of every unit may ask for."""

from __future__ import annotations

import os
import select
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

SOON = 20


@pytest.fixture
def ended() -> Callable[[int], bool]:
    """``ended(pid)``: wait, on the kernel's own word, until a process has ended, and tell whether it has."""

    def wait(pid: int) -> bool:
        try:
            descriptor = os.pidfd_open(pid)
        except ProcessLookupError:
            return True
        try:
            return bool(select.select([descriptor], [], [], SOON)[0])
        finally:
            os.close(descriptor)

    return wait
