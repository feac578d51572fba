"""What is said to be proven is: every kind is there, every level is known, every test exists and runs on an image."""

from __future__ import annotations

import ast
import runpy
from typing import TYPE_CHECKING, Any

import pytest

from imagekit.catalog import load_catalog

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def told(root: Path) -> dict[str, Any]:
    return runpy.run_path(str(root / "tests" / "proofs.py"))


def functions(path: Path) -> set[str]:
    return {node.name for node in ast.parse(path.read_text()).body if isinstance(node, ast.FunctionDef)}


def test_every_proof_is_of_a_kind_and_a_level_that_there_is(told: dict[str, Any]) -> None:
    assert {proof.kind for proof in told["PROOFS"]} - set(load_catalog()) == set()
    assert {proof.level for proof in told["PROOFS"]} - set(told["LEVELS"]) == set()
    assert all(proof.on for proof in told["PROOFS"])


def test_every_test_that_proves_something_exists_and_needs_an_appliance(root: Path, told: dict[str, Any]) -> None:
    named = {proof.test.partition("::")[::2] for proof in told["PROOFS"]}

    assert {f"{path}::{name}" for path, name in named if name not in functions(root / path)} == set()
    assert {path for path, _ in named if "pytest.mark.appliance" not in (root / path).read_text()} == set()


def test_what_is_booted_is_proven_by_a_test_that_boots(root: Path, told: dict[str, Any]) -> None:
    boots = {proof.test.partition("::")[0] for proof in told["PROOFS"] if proof.level == "booted"}

    assert {path for path in boots if "pytest.mark.boots" not in (root / path).read_text()} == set()
