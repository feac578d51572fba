"""``--keep-failed``: keep the overlay of a build that failed, for a look."""

from __future__ import annotations

import contextlib
import shlex
from typing import TYPE_CHECKING

from imagekit.errors import ImagekitError
from imagekit.events import Notice, OnEvent

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from imagekit.images.workspace import Workspace


@contextlib.contextmanager
def keeping_failed(workspace: Workspace, output: Path, *, wanted: bool, on_event: OnEvent) -> Iterator[None]:
    """On an error, move the overlay to ``OUTPUT.failed.qcow2`` (mode 0600), and say how to open it."""
    overlay = workspace.path / "overlay.qcow2"
    try:
        yield
    except ImagekitError:
        if wanted and overlay.exists():
            kept = output.with_name(f"{output.name}.failed.qcow2")
            overlay.replace(kept)
            command = f"guestfish --ro --format=qcow2 -a {shlex.quote(str(kept))} -i"
            on_event(Notice(f"the overlay of the failed build is kept; open it with: {command}"))
        raise
