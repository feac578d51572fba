"""Imports point down only, and each door to the outside is one module."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path


def test_the_import_contracts_hold(root: Path) -> None:
    program = Path(sys.executable).with_name("lint-imports")

    done = subprocess.run([program, "--no-cache"], cwd=root, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_module_below_imagekit_stands_in_a_layer(root: Path, modules: list[Path]) -> None:
    settings = tomllib.loads((root / "pyproject.toml").read_text())
    layers = settings["tool"]["importlinter"]["contracts"][0]["layers"]
    placed = {name.strip() for layer in layers for name in layer.split("|")}
    units = {".".join(module.with_suffix("").parts[:2]) for module in modules if module.parts[0] == "imagekit"}

    # imagekit.testing is for authors of transforms; nothing below imports it, which the next test says.
    assert units - placed - {"imagekit.__init__", "imagekit.testing"} == set()


def test_the_product_never_imports_its_test_doubles(root: Path, modules: list[Path]) -> None:
    product = [module for module in modules if "testing" not in module.parts]

    assert [str(module) for module in product if "imagekit.testing" in (root / module).read_text()] == []
