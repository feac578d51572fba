"""Whether an output is finished: by its receipt, which is written last."""

from __future__ import annotations

import json
import stat
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from imagekit.images.publish import receipt_beside

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Finished:
    """What the receipt says of an output: digest of its inputs, its own, bytes, and when its build began."""

    inputs: str
    sha256: str
    size: int
    started: datetime


def finished(output: Path, inputs: str, *, since: datetime | None = None) -> Finished | None:
    """Return what is known of an output if nothing is left to do for it, else None; see ``why_to_make``."""
    found = _of_receipt(output)
    return None if found is None or _why(found, output, inputs, since) else found


def why_to_make(output: Path, inputs: str, *, since: datetime | None = None) -> str:
    """Return in words why an output is to be made, or "" if it is finished.

    It is finished if its receipt has the digest of these inputs, the file is as large as the receipt says, and the
    build did not begin before ``since``. A receipt of another form or version is none.
    """
    found = _of_receipt(output)
    if found is None:
        return "its output has no receipt" if output.exists() else "it has no output"
    return _why(found, output, inputs, since)


def _why(found: Finished, output: Path, inputs: str, since: datetime | None) -> str:
    try:
        there = output.stat()
    except OSError:
        return "it has no output"
    if not stat.S_ISREG(there.st_mode) or there.st_size != found.size:
        return "its output is not the one of its receipt"
    if not inputs or found.inputs != inputs:
        return "what goes in has changed"
    return "its output is too old" if since is not None and found.started < since else ""


def _of_receipt(output: Path) -> Finished | None:
    try:
        receipt = json.loads(receipt_beside(output).read_bytes())
        made = receipt["output"]
        started = datetime.fromisoformat(receipt["started"])
        found = Finished(str(receipt["inputs"]), str(made["sha256"]), int(made["size"]), started)
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return found if started.tzinfo is not None else None
