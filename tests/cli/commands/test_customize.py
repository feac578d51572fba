from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from imagekit.engine.errors import PlanDiffers
from imagekit.events import StageStarted

if TYPE_CHECKING:
    from collections.abc import Callable

    from imagekit.engine.planning import PlanReport
    from imagekit.receipt import Receipt

BUILD = "imagekit.engine.customize.customize"


def test_what_is_said_reaches_the_engine(
    run: Callable[..., Any],
    engine: Callable[..., Any],
    spec: Path,
    receipt: Receipt,
    plan_report: PlanReport,
    tmp_path: Path,
) -> None:
    fake = engine(BUILD, receipt)
    plan = tmp_path / "plan.json"
    plan.write_text(plan_report.model_dump_json())

    ran = run(
        "customize", "base.qcow2", "-o", "out/web.qcow2", spec, "--format", "qcow2", "--compress", "zstd", "--thin",
        "--force", "--set", "site=rome", "--keep-failed", "--no-receipt", "--expect", plan, "--timeout", "60",
        "--prove",
    )  # fmt: skip

    base, loaded = fake.args
    assert ran.status == 0
    assert (base, loaded.vars["site"]) == (Path("base.qcow2"), "rome")
    options, on_event = fake.kwargs.pop("options"), fake.kwargs.pop("on_event")
    on_event(StageStarted("trim"))
    assert options.timeout == 60
    assert fake.kwargs == {
        "output": Path("out/web.qcow2"),
        "format": "qcow2",
        "compress": "zstd",
        "thin": True,
        "in_place": False,
        "force": True,
        "receipt": False,
        "keep_failed": True,
        "proven": True,
        "expected": plan_report,
    }


def test_what_is_not_said_is_left_to_the_spec_and_the_engine(
    run: Callable[..., Any], engine: Callable[..., Any], spec: Path, receipt: Receipt
) -> None:
    fake = engine(BUILD, receipt)

    run("customize", "base.qcow2", spec)

    assert {name: fake.kwargs[name] for name in ("output", "format", "compress", "expected")} == {
        "output": None,
        "format": None,
        "compress": None,
        "expected": None,
    }
    assert fake.kwargs["receipt"] is True


def test_several_specs_are_one_in_their_order(
    run: Callable[..., Any], engine: Callable[..., Any], spec: Path, receipt: Receipt, tmp_path: Path
) -> None:
    (tmp_path / "more.yaml").write_text("name: more\ntransforms: [machine-id]\n")
    fake = engine(BUILD, receipt)

    run("customize", "base.qcow2", spec, tmp_path / "more.yaml")

    loaded = fake.args[1]
    assert loaded.name == "more"
    assert [entry.kind_name for entry in loaded.transforms] == ["hostname", "machine-id"]


def test_success_names_the_image_and_its_receipt_where_they_are(
    run: Callable[..., Any], engine: Callable[..., Any], spec: Path, receipt: Receipt
) -> None:
    engine(BUILD, receipt)

    told = run("customize", "images/base.qcow2", spec, "-o", "out/base.web.qcow2").out

    assert told.splitlines()[0] == "out/base.web.qcow2"
    assert told.splitlines()[-1] == "receipt  out/base.web.qcow2.receipt.json"


def test_a_default_output_is_in_the_current_folder_and_one_in_place_is_beside_the_base(
    run: Callable[..., Any], engine: Callable[..., Any], spec: Path, receipt: Receipt, tmp_path: Path
) -> None:
    engine(BUILD, receipt)

    assert run("customize", tmp_path / "base.qcow2", spec).out.startswith("base.web.qcow2\n")
    assert run("customize", tmp_path / "base.qcow2", spec, "--in-place").out.startswith(f"{tmp_path}/base.web.qcow2\n")


def test_with_json_the_receipt_is_the_one_document(
    run: Callable[..., Any], engine: Callable[..., Any], spec: Path, receipt: Receipt
) -> None:
    engine(BUILD, receipt)

    ran = run("customize", "base.qcow2", spec, "--json")

    assert ran.status == 0
    assert json.loads(ran.out) == receipt.model_dump(mode="json")


@pytest.mark.parametrize("other", [["-o", "x"], ["--format", "raw"], ["--thin"]])
def test_in_place_goes_with_nothing_that_says_where_or_how_else(
    run: Callable[..., Any], engine: Callable[..., Any], spec: Path, receipt: Receipt, other: list[str]
) -> None:
    fake = engine(BUILD, receipt)

    ran = run("customize", "base.qcow2", spec, "--in-place", *other)

    assert ran.status == 2
    assert "--in-place cannot go with" in ran.err
    assert fake.kwargs == {}


@pytest.mark.parametrize(
    ("words", "status", "told"),
    [
        (["base.qcow2"], 2, "missing argument 'SPEC'"),
        (["base.qcow2", "none.yaml"], 2, "cannot read none.yaml"),
        (["base.qcow2", "SPEC", "--set", "site"], 2, "--set takes NAME=VALUE"),
        (["base.qcow2", "SPEC", "--set", "sit=rome"], 2, 'did you mean "site"?'),
        (["base.qcow2", "SPEC", "--secret", "a=hunter"], 2, "write env:VARIABLE, file:PATH or fd:NUMBER"),
        (["base.qcow2", "SPEC", "--format", "vmdk"], 2, "--format"),
        (["base.qcow2", "SPEC", "--expect", "none.json"], 2, "cannot read the plan none.json"),
        (["none.qcow2", "SPEC"], 4, "there is no image none.qcow2"),
    ],
)
def test_wrong_use_is_told_before_anything_is_opened(
    run: Callable[..., Any],
    spec: Path,
    words: list[str],
    status: int,
    told: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)

    ran = run("customize", *(spec if word == "SPEC" else word for word in words))

    assert ran.status == status
    assert told in ran.err
    assert ran.out == ""


def test_changes_that_are_not_those_of_the_plan_end_with_5(
    run: Callable[..., Any], engine: Callable[..., Any], spec: Path
) -> None:
    engine(BUILD, PlanDiffers(("run /etc/x",)))

    assert run("customize", "base.qcow2", spec).status == 5
