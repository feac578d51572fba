"""Small units: what grows past these numbers is to be cut, not the numbers raised."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

MODULE_LINES = 400
FUNCTION_LINES = 40  # from def to its last line, docstring included


def test_no_module_is_too_long(root: Path, modules: list[Path]) -> None:
    lines = {str(module): len((root / module).read_text().splitlines()) for module in modules}

    assert {module: count for module, count in lines.items() if count > MODULE_LINES} == {}


def test_no_function_is_too_long(root: Path, modules: list[Path]) -> None:
    found = {}
    for module in modules:
        for node in ast.walk(ast.parse((root / module).read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                found[f"{module}:{node.lineno} {node.name}"] = (node.end_lineno or 0) - node.lineno + 1

    assert {function: count for function, count in found.items() if count > FUNCTION_LINES} == {}
