"""Files that a command writes beside its result: whole, or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagekit.hostdisk import replace_text
from imagekit_cli.errors import CannotWrite

if TYPE_CHECKING:
    from pathlib import Path


def save(text: str, path: Path, what: str) -> None:
    """Write a text whole or not at all; what was there is replaced.

    Args:
        text: what the file will hold, as UTF-8.
        path: of the file.
        what: what an error calls it, ``the plan``.

    Raises:
        CannotWrite: the folder or the disk does not let it.
    """
    try:
        replace_text(path, text)
    except OSError as error:
        raise CannotWrite(f"{what} {path}", error.strerror or str(error)) from error
