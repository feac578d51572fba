"""Which imagekit this is."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version


def imagekit_version() -> str:
    """Return the version of the installed distribution; "unknown" in a tree that was never installed."""
    try:
        return version("imagekit-guestfs")
    except PackageNotFoundError:
        return "unknown"
