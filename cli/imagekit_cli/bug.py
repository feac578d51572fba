"""What a bug leaves behind: one file with the traceback and the versions, to be sent with a report."""

from __future__ import annotations

import os
import platform
import sys
import tempfile
import traceback
from contextlib import suppress
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_DISTRIBUTIONS = ("imagekit-guestfs", "typer", "pydantic", "rich", "ruamel.yaml", "oslo.utils")


def write_bug_log(error: BaseException) -> str:
    """Write the log of an unexpected error, readable by its user alone, and return its path; "" if nothing can be."""
    text = _text(error)
    name = f"imagekit-bug-{datetime.now(UTC):%Y%m%dT%H%M%S}-"
    for folder in (_state_folder(), Path(tempfile.gettempdir())):
        with suppress(OSError):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor, path = tempfile.mkstemp(prefix=name, suffix=".log", dir=folder)
            with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as log:
                log.write(text)
            return path
    return ""


def _state_folder() -> Path:
    """Return the user's folder for logs (XDG Base Directory Specification: XDG_STATE_HOME)."""
    root = os.environ.get("XDG_STATE_HOME") or ""
    with suppress(RuntimeError):  # there is no home
        base = Path(root) if root.startswith("/") else Path.home() / ".local" / "state"
        return base / "imagekit"
    return Path(tempfile.gettempdir())


def _text(error: BaseException) -> str:
    versions = "".join(f"{name} {_version(name)}\n" for name in _DISTRIBUTIONS)
    return (
        f"imagekit met something it did not expect.\n\n{versions}"
        f"Python {platform.python_version()} at {sys.executable}\n{platform.platform()}\n\n"
        f"{''.join(traceback.format_exception(error))}"
    )


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "is not installed"
