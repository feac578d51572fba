"""Work that goes on in a thread of its own, beside what the caller does meanwhile."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


class Beside(Generic[T]):
    """One piece of work, begun at once; ``result`` waits for it.

    It must start no process that shall outlive it: such a one dies with the thread (process.spawn).
    """

    def __init__(self, work: Callable[[], T]) -> None:
        self._work = work
        self._results: list[T] = []
        self._failure: BaseException | None = None
        self.seconds = 0.0
        """How long it took, once it is done."""
        self._thread = threading.Thread(target=self._run, name="imagekit-beside", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        began = time.monotonic()
        try:
            self._results.append(self._work())
        except BaseException as failure:  # noqa: BLE001  it is raised again where the result is asked for
            self._failure = failure
        self.seconds = time.monotonic() - began

    @property
    def running(self) -> bool:
        """Whether it still goes on."""
        return self._thread.is_alive()

    def wait(self) -> None:
        """Wait until it is done, well or not."""
        self._thread.join()

    def result(self) -> T:
        """Wait until it is done, and return what it returned, or raise what it raised."""
        self.wait()
        if self._failure is not None:
            raise self._failure
        return self._results[0]
