from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from imagekit.engine import version as module
from imagekit.engine.version import imagekit_version

if TYPE_CHECKING:
    import pytest


def test_the_version_is_that_of_the_installed_distribution() -> None:
    assert imagekit_version() == version("imagekit-guestfs")


def test_a_tree_that_was_never_installed_has_no_version(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(module, "version", missing)

    assert imagekit_version() == "unknown"
