"""Serial logs of clones, kept for a look: what a guest said, without its machine-ids."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from imagekit.engine.errors import CannotKeepLog
from imagekit.receipt import conceal_ids

if TYPE_CHECKING:
    from collections.abc import Mapping


def log_folder(image: str) -> Path:
    """Return a folder of its own for the logs of one trial (XDG Base Directory Specification: XDG_STATE_HOME)."""
    root = os.environ.get("XDG_STATE_HOME") or ""
    base = Path(tempfile.gettempdir())
    with suppress(RuntimeError):  # there is no home
        base = Path(root) if root.startswith("/") else Path.home() / ".local" / "state"
    return base / "imagekit" / f"boot-{image}-{datetime.now(UTC):%Y%m%dT%H%M%S}-{os.getpid()}"


def keep_logs(
    texts: Mapping[tuple[str, int], str], folder: Path, machine_ids: frozenset[str]
) -> dict[tuple[str, int], Path]:
    """Write one file for each boot, for its user alone, and return their paths.

    Args:
        texts: what was said, by clone and number of the boot.
        folder: made if it is not there; files of the same names are replaced.
        machine_ids: what is replaced by ``{machine-id}``.

    Raises:
        CannotKeepLog: the folder cannot be written to.
    """
    kept = {}
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for (clone, number), text in texts.items():
            path = folder / f"{clone}.boot-{number}.log"
            path.unlink(missing_ok=True)
            with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="utf-8") as log:
                log.write(conceal_ids(text, machine_ids))
            kept[clone, number] = path
    except OSError as error:
        raise CannotKeepLog(folder, error.strerror or str(error)) from error
    return kept
