"""Files that a command writes beside its result: whole, or not at all."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from imagekit_cli.errors import CannotWrite

if TYPE_CHECKING:
    from pathlib import Path


def save(text: str, path: Path, what: str) -> None:
    """Write a text under a temporary name and rename it; what was there is replaced.

    Args:
        text: what the file will hold, as UTF-8.
        path: of the file.
        what: what an error calls it, ``the plan``.

    Raises:
        CannotWrite: the folder or the disk does not let it.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with temporary.open("x", encoding="utf-8") as file:
            file.write(text)
        temporary.replace(path)
    except OSError as error:
        raise CannotWrite(f"{what} {path}", error.strerror or str(error)) from error
    finally:
        temporary.unlink(missing_ok=True)
