"""What a farm shows while it goes on: on a terminal a live row for each slot and a bar, elsewhere a line now and then."""

from __future__ import annotations

import contextlib
import sys
import threading
from typing import TYPE_CHECKING, Protocol, Self

from imagekit.farm.events import FarmStarted, JobFinished, JobRetried, JobWentOn
from imagekit.wording import seconds
from imagekit_cli.farm_state import FarmState
from imagekit_cli.journal import told
from imagekit_cli.output import emit, emit_json_line, one_line
from imagekit_cli.progress import Display, Plain, live_wanted, watching
from imagekit_cli.render.batch import result_line

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from types import TracebackType
    from typing import TextIO

    from rich.console import Console, RenderableType
    from rich.live import Live

    from imagekit.events import Event, OnEvent
    from imagekit_cli.shared_options import Common

_ROWS_BESIDE = 4  # of a terminal: the bar, what is not shown, and room for the prompt
_BAR = 40


class FarmDisplay(Display, Protocol):
    """A display that can step aside."""

    def aside(self) -> AbstractContextManager[None]:
        """Leave the terminal to a line of the result."""


class PlainFarm(Plain):
    """One line for each job that begins, ends or is tried again; with ``verbose`` for each event, with its time."""

    def __init__(self, stream: TextIO, *, verbose: bool = False) -> None:
        super().__init__(stream, stamp=verbose)
        self._verbose = verbose
        self._state = FarmState()

    def __call__(self, event: Event, /) -> None:
        """Print the event, if it is worth a line."""
        self._state(event)
        if isinstance(event, JobFinished):
            self.say(f"[{self._state.finished}/{self._state.total}] {told(event)}{self._left()}")
        elif self._verbose or not isinstance(event, JobWentOn):
            self.say(told(event))

    def aside(self) -> AbstractContextManager[None]:
        """Do nothing: lines stand below each other."""
        return contextlib.nullcontext()

    def _left(self) -> str:
        if self._state.finished >= self._state.total:
            return ""
        return f" (about {left_in_words(self._state)} left)"


class LiveFarm:
    """Rows that are drawn anew: slot, job, what goes on in it, since when; below them a bar, counts and seconds left."""

    def __init__(self, stream: TextIO) -> None:
        from rich.console import Console  # noqa: PLC0415  only a terminal needs it, and it takes its time

        self._console: Console = Console(file=stream, highlight=False)
        self._state = FarmState()
        self._lock = threading.Lock()
        self._live: Live | None = None

    def __enter__(self) -> Self:
        self._start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        self._stop()

    def __call__(self, event: Event, /) -> None:
        """Take the event; what is worth more than a moment on the screen stays above the rows."""
        with self._lock:
            self._state(event)
        if isinstance(event, FarmStarted | JobRetried):
            self._console.print(one_line(told(event)), markup=False, style="dim", soft_wrap=True)

    @contextlib.contextmanager
    def aside(self) -> Iterator[None]:
        """Take the rows off the terminal for as long as somebody else writes there."""
        self._stop()
        try:
            yield
        finally:
            self._start()

    def _start(self) -> None:
        from rich.live import Live  # noqa: PLC0415  as above

        # A new one each time: one that was stopped believes that its rows are still there, and wipes what is.
        self._live = Live(
            console=self._console,
            get_renderable=self._drawn,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._live.start()

    def _stop(self) -> None:
        with contextlib.suppress(OSError):
            if self._live is not None:
                self._live.stop()

    def _drawn(self) -> RenderableType:
        # The thread that draws holds Live's own lock here: whoever holds this one must not call Live.
        with self._lock:
            return drawn(self._state, self._console.height - _ROWS_BESIDE)


def drawn(state: FarmState, most: int) -> RenderableType:
    """Return the rows of at most so many slots, and the bar below them."""
    from rich.console import Group  # noqa: PLC0415  as above
    from rich.progress_bar import ProgressBar  # noqa: PLC0415  as above
    from rich.table import Table  # noqa: PLC0415  as above
    from rich.text import Text  # noqa: PLC0415  as above

    if not state.total:
        return Text("reading the farm …")
    rows, now = Table.grid(padding=(0, 2)), state.clock()
    for _ in range(2):
        rows.add_column(no_wrap=True, overflow="ellipsis")
    rows.add_column(no_wrap=True, justify="right")
    running = [each for _, each in sorted(state.running.items())]
    for each in running[: max(1, most)]:
        rows.add_row(Text(one_line(each.job), "cyan"), Text(one_line(each.doing)), seconds(now - each.began))
    hidden = len(running) - max(1, most)
    bar, failed = Table.grid(padding=(0, 1)), state.ended["failed"]
    told = Text(f"{state.finished}/{state.total}")
    told.append(f", {failed} failed" if failed else "", "red")
    told.append(f", {left_in_words(state)} left", "dim")
    bar.add_row(ProgressBar(state.total, state.finished, width=_BAR), told)
    return Group(rows, *([Text(f"and {hidden} more", "dim")] if hidden > 0 else []), bar)


def left_in_words(state: FarmState) -> str:
    """Return how long the rest may take, in words; ``?`` before a job has ended."""
    left = state.seconds_left()
    return "?" if left is None else seconds(left)


@contextlib.contextmanager
def watching_farm(common: Common) -> Iterator[OnEvent]:
    """Yield the listener that a farm is given: progress and log, and on stdout the result of each job as it ends.

    With ``--json`` every event is a line on stdout.

    Raises:
        CannotWrite: the log cannot be opened, or later stdout not written.
    """
    display, lock = _display(common), threading.Lock()
    with watching(common, display) as on_event:

        def listen(event: Event) -> None:
            with lock:
                on_event(event)
                if common.json:
                    emit_json_line(event.document())
                elif isinstance(event, JobFinished):
                    with display.aside():
                        emit([result_line(event)])

        yield listen


def _display(common: Common) -> FarmDisplay:
    both = common.json and sys.stdout.isatty()  # lines come too thick there to step aside for each
    if live_wanted(common, sys.stderr) and not both:
        return LiveFarm(sys.stderr)
    return PlainFarm(sys.stderr, verbose=common.verbose)
