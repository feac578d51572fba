from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def test_a_spec_that_is_right_is_shown_in_the_order_that_would_run(run: Callable[..., Any], spec: Path) -> None:
    ran = run("validate", spec, "--set", "site=rome")

    assert ran.status == 0
    assert ran.out.splitlines() == [f"{spec}: valid, 1 step", "  1  hostname rome  content"]


def test_all_problems_come_at_once_with_status_2(run: Callable[..., Any], tmp_path: Path) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text("transforms:\n  - hostnam: a\n  - hostname: [a]\n")

    ran = run("validate", path)

    assert ran.status == 2
    assert f"{path}:2:5  error IK-SPEC-011" in ran.err
    assert 'did you mean "hostname"?' in ran.err
    assert ran.err.endswith("2 problems in the spec\n")


def test_with_json_each_problem_is_data(run: Callable[..., Any], spec: Path, tmp_path: Path) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text("transforms:\n  - hostnam: a\n")

    error = json.loads(run("validate", path, "--json").out)["error"]

    assert error["diagnostics"][0]["place"] == {"file": str(path), "line": 2, "column": 5}
    assert json.loads(run("validate", spec, "--json").out)["steps"][0]["kind"] == "hostname"


def test_no_spec_is_wrong_usage(run: Callable[..., Any]) -> None:
    assert run("validate").status == 2
