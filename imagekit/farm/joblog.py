"""The log of a job: one JSON document a line, appended while the job goes on, and read meanwhile or afterwards.

Every line has ``event``, and ``at`` in seconds since the epoch. An attempt begins with ``AttemptStarted`` and ends with
``Outcome``; between them are the job's own events, see ``imagekit.events``.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from imagekit.events import Event

_AT_ONCE = 1 << 20


class JobLog:
    """Appends to a log; a log that cannot be written is no reason to end a job."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def event(self, event: Event) -> None:
        """Append an event, as a listener of ``customize`` does."""
        self.write(event.document())

    def write(self, document: Mapping[str, object]) -> None:
        """Append a document with the time, in one write, so that lines of several writers do not mix."""
        line = json.dumps({"at": round(time.time(), 3), **document}, ensure_ascii=False, default=str)
        with contextlib.suppress(OSError):
            descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                os.write(descriptor, line.encode(errors="backslashreplace") + b"\n")
            finally:
                os.close(descriptor)


class Tail:
    """What is appended to a log from now on."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = _size(path)

    def new(self) -> list[dict[str, Any]]:
        """Return the documents of the whole lines that came since the last look, a MiB of them at the most."""
        try:
            with self._path.open("rb") as opened:
                opened.seek(self._offset)
                text = opened.read(_AT_ONCE)
        except OSError:
            return []
        whole = text[: text.rfind(b"\n") + 1]
        self._offset += len(whole) or (len(text) if len(text) == _AT_ONCE else 0)
        return _documents(whole)


def read_log(path: Path) -> list[dict[str, Any]]:
    """Return the documents of a log, none if it is not there; lines that are none are passed over."""
    try:
        return _documents(path.read_bytes())
    except OSError:
        return []


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _documents(text: bytes) -> list[dict[str, Any]]:
    documents = []
    for line in text.split(b"\n"):
        with contextlib.suppress(ValueError):
            document = json.loads(line)
            if isinstance(document, dict):
                documents.append(document)
    return documents
