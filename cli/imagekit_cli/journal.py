"""The log of a run: every event with its time, for ``-v`` and ``--log-file``."""

from __future__ import annotations

import traceback
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from imagekit import wording
from imagekit_cli.errors import CannotWrite
from imagekit_cli.farm_words import told_of_farm
from imagekit_cli.output import one_line

if TYPE_CHECKING:
    from pathlib import Path
    from typing import TextIO

    from imagekit.events import Event


def told(event: Event) -> str:
    """Return an event, of a build or of a farm, as a plain sentence."""
    return told_of_farm(event) or wording.told(event)


class LogFile:
    """A file that events and errors are appended to, readable by its user alone.

    Raises:
        CannotWrite: it cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        try:
            path.touch(mode=0o600, exist_ok=True)
            self._file: TextIO = path.open("a", encoding="utf-8", errors="backslashreplace")
        except OSError as error:
            raise CannotWrite(f"the log {path}", error.strerror or str(error)) from error

    def __call__(self, event: Event) -> None:
        """Take an event."""
        self.write(told(event))

    def write(self, text: str) -> None:
        """Append a line; a disk that is full spoils the log, not the build."""
        try:
            self._file.write(stamped(text) + "\n")
            self._file.flush()
        except OSError:
            return

    def failure(self, error: BaseException) -> None:
        """Append an error with its traceback."""
        for line in "".join(traceback.format_exception(error)).splitlines():
            self.write(line)

    def close(self) -> None:
        """Close the file."""
        try:
            self._file.close()
        except OSError:
            return


def stamped(text: str) -> str:
    """Return a line of a log: the time (UTC), and the text."""
    return f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%f}Z {one_line(text)}"
