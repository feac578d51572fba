"""What a run shows on stderr while it goes on: live on a terminal, one line an event elsewhere."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from typing import TYPE_CHECKING, Protocol, Self

from imagekit.events import Event, Notice, StageFinished, StageStarted, StepFinished, StepStarted
from imagekit.wording import many, seconds
from imagekit_cli.journal import LogFile, stamped, told
from imagekit_cli.output import coloured, one_line, printable, silence
from imagekit_cli.timings import Timings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType
    from typing import TextIO

    from rich.progress import Progress, TaskID

    from imagekit.events import OnEvent
    from imagekit_cli.shared_options import Common


class Display(Protocol):
    """Something that shows events."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None: ...

    def __call__(self, event: Event, /) -> None:
        """Show an event."""


class Plain:
    """One line an event; with the time before it for ``-v``."""

    def __init__(self, stream: TextIO, *, stamp: bool = False) -> None:
        self._stream = stream
        self._stamp = stamp

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        return

    def __call__(self, event: Event, /) -> None:
        """Print the event."""
        self.say(told(event))

    def say(self, text: str) -> None:
        """Print a line; nobody reading is no reason to end a build."""
        try:
            self._stream.write((stamped(text) if self._stamp else one_line(text)) + "\n")
            self._stream.flush()
        except OSError:
            silence(self._stream)


class Live:
    """The stage or step that runs, its seconds counting and what is awaited; above it, what is finished."""

    def __init__(self, stream: TextIO) -> None:
        from rich.console import Console  # noqa: PLC0415  only a terminal needs it, and it takes its time
        from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn  # noqa: PLC0415

        self._console = Console(file=stream, highlight=False)
        columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
        self._progress: Progress = Progress(*columns, console=self._console, transient=True, redirect_stdout=False)
        self._running: list[tuple[TaskID, str, float]] = []
        self._titles: dict[int, str] = {}

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        """Stop; what was running when an error came is named."""
        with contextlib.suppress(OSError):
            if error is not None and self._running:
                _, what, began = self._running[-1]
                self._line("✗", what, f"after {seconds(time.monotonic() - began)}", "red")
            self._progress.stop()

    def __call__(self, event: Event, /) -> None:
        """Show the event."""
        match event:
            case StageStarted(stage, detail):
                self._start(stage, detail)
            case StepStarted(position, total, _, title):
                self._start(f"step {position}/{total} {title}", "")
            case StageFinished(stage, taken):
                self._finish(stage, seconds(taken))
            case StepFinished(position, _, taken, changes):
                self._finish(f"step {position}/", f"{many(changes, 'change')}, {seconds(taken)}")
            case Notice(text):
                self._line("!", one_line(text), "", "yellow")

    def _start(self, what: str, detail: str) -> None:
        what = one_line(what)
        shown = f"{what} ({one_line(detail)})" if detail else what
        self._running.append((self._progress.add_task(shown, total=None), what, time.monotonic()))

    def _finish(self, name: str, ending: str) -> None:
        """Take off what is finished: by its name, since stages may overlap."""
        index = next(index for index, (_, what, _) in enumerate(self._running) if what.startswith(one_line(name)))
        task, what, _ = self._running.pop(index)
        self._progress.remove_task(task)
        self._line("✓", what, ending, "green")

    def _line(self, mark: str, what: str, ending: str, colour: str) -> None:
        from rich.text import Text  # noqa: PLC0415  as above

        self._console.print(Text.assemble((mark, colour), " ", what, "  ", (ending, "dim")))


def live_wanted(common: Common, stream: TextIO) -> bool:
    """Tell whether a stream is the terminal of a person who did not ask for a log."""
    return not common.verbose and coloured(stream) and not os.environ.get("CI")


def _display(common: Common) -> Display:
    stream = sys.stderr
    return Live(stream) if live_wanted(common, stream) else Plain(stream, stamp=common.verbose)


@contextlib.contextmanager
def watching(common: Common, display: Display | None = None) -> Iterator[OnEvent]:
    """Yield the listener that a command gives to the engine: progress, the log, and the timings at the end.

    Args:
        common: what the command line says of all commands.
        display: shows the events; unless given, as one build is shown.

    Raises:
        CannotWrite: the log cannot be opened.
    """
    timings = Timings()
    with contextlib.ExitStack() as stack:
        log = LogFile(common.log_file) if common.log_file else None
        if log is not None:
            stack.callback(log.close)
        shown = stack.enter_context(display or _display(common))

        def listen(event: Event) -> None:
            shown(event)
            timings(event)
            if log is not None:
                log(event)

        try:
            yield listen
        except BaseException as error:
            if log is not None:
                log.failure(error)
            raise
    if common.timings:
        with contextlib.suppress(OSError):
            sys.stderr.write(printable(timings.text()) + "\n")
