from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from imagekit.engine.planning import PlanReport, read_plan

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PLAN = "imagekit.engine.planning.plan"


def test_what_is_said_reaches_the_engine(
    run: Callable[..., Any], engine: Callable[..., Any], spec: Path, plan_report: PlanReport
) -> None:
    fake = engine(PLAN, plan_report)

    run("plan", "base.qcow2", spec, "--static", "--set", "site=rome", "--no-network")

    assert fake.args[1].vars["site"] == "rome"
    assert fake.kwargs["static"] is True
    assert fake.kwargs["options"].network is False


def test_diffs_are_shown_only_if_wanted(
    run: Callable[..., Any], engine: Callable[..., Any], spec: Path, plan_report: PlanReport
) -> None:
    engine(PLAN, plan_report)

    assert "+hello" not in run("plan", "base.qcow2", spec).out
    assert "+hello" in run("plan", "base.qcow2", spec, "--diff").out


def test_a_saved_plan_is_what_expect_reads(
    run: Callable[..., Any], engine: Callable[..., Any], spec: Path, plan_report: PlanReport, tmp_path: Path
) -> None:
    engine(PLAN, plan_report)
    saved = tmp_path / "web.plan.json"
    saved.write_text("an older one")

    run("plan", "base.qcow2", spec, "-o", saved)

    assert read_plan(saved) == plan_report
    assert sorted(path.name for path in tmp_path.iterdir()) == ["spec.yaml", "web.plan.json"]


def test_a_plan_that_cannot_be_saved_is_for_the_host(
    run: Callable[..., Any], engine: Callable[..., Any], spec: Path, plan_report: PlanReport, tmp_path: Path
) -> None:
    engine(PLAN, plan_report)

    ran = run("plan", "base.qcow2", spec, "-o", tmp_path / "none" / "plan.json")

    assert ran.status == 3
    assert "cannot write the plan" in ran.err


def test_with_json_the_plan_is_the_one_document(
    run: Callable[..., Any], engine: Callable[..., Any], spec: Path, plan_report: PlanReport
) -> None:
    engine(PLAN, plan_report)

    assert PlanReport.model_validate(json.loads(run("plan", "base.qcow2", spec, "--json").out)) == plan_report


@pytest.mark.parametrize(("empty", "status"), [(False, 5), (True, 0)])
def test_exit_code_tells_whether_anything_would_change(
    run: Callable[..., Any],
    engine: Callable[..., Any],
    spec: Path,
    plan_report: PlanReport,
    *,
    empty: bool,
    status: int,
) -> None:
    steps = plan_report.steps[1:] if empty else plan_report.steps
    engine(PLAN, plan_report.model_copy(update={"steps": steps}))

    assert run("plan", "base.qcow2", spec, "--exit-code").status == status
    assert run("plan", "base.qcow2", spec).status == 0


def test_a_plan_without_a_spec_is_wrong_usage(run: Callable[..., Any]) -> None:
    assert run("plan", "base.qcow2").status == 2
