"""SIGTERM as an exception, so that every context unwinds: appliance ended, working folder gone, nothing published."""

from __future__ import annotations

import contextlib
import signal
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType


class Terminated(BaseException):
    """This process was asked to end; no Exception, so that no handler on the way takes it for a failure."""


def _end(_number: int, _frame: FrameType | None) -> None:
    # A second one must not cut the clean-up short; SIGKILL always can, and the janitor cleans up after that.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise Terminated


@contextlib.contextmanager
def terminating() -> Iterator[None]:
    """Have SIGTERM raise Terminated; outside the main thread Python allows no handler, and nothing is done."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, _end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
