"""The linters are tests, so that one command tells whether a change is good."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    "argv",
    [["ruff", "check", "--quiet", "."], ["ruff", "format", "--check", "."], ["mypy"]],
    ids=["ruff check", "ruff format", "mypy"],
)
def test_the_linter_has_nothing_to_say(root: Path, argv: list[str]) -> None:
    done = subprocess.run([sys.executable, "-m", *argv], cwd=root, check=False, capture_output=True, text=True)

    assert done.returncode == 0, done.stdout + done.stderr
