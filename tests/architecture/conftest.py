"""The project as files: what the rules of the house are held against."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def modules() -> list[Path]:
    """Every module of the product, relative to the project."""
    return sorted(
        path.relative_to(ROOT) for folder in ("imagekit", "cli/imagekit_cli") for path in (ROOT / folder).rglob("*.py")
    )


@pytest.fixture(scope="session")
def committed() -> list[Path]:
    """Every file that is, or is about to be, in the repository; relative to the project."""
    argv = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(argv, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
    return sorted(Path(name) for name in set(listed.split("\0")) if name and (ROOT / name).is_file())
