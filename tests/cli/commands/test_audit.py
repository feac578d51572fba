from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from imagekit.engine.auditing.report import AuditReport, Finding, ImageAudit, Refusal
from imagekit.engine.auditing.rules import rules_for
from imagekit.guest.facts import Facts

if TYPE_CHECKING:
    from collections.abc import Callable

FINDING = Finding(
    rule="machine-id", severity="error", image="a.qcow2", path="/etc/machine-id", message="in the image: x"
)
CLEAN = AuditReport(
    use="template",
    fail_on="error",
    strict=False,
    passed=True,
    images=(ImageAudit(image="a.qcow2", guest=Facts(distro="debian")),),
    findings=(),
    checked=rules_for("template"),
)
DIRTY = CLEAN.model_copy(update={"passed": False, "findings": (FINDING,), "spec": "version: 1\n"})
AUDIT = "imagekit.engine.auditing.audit"


def test_a_clean_image_is_no_failure(run: Callable[..., Any], engine: Callable[..., Any]) -> None:
    fake = engine(AUDIT, CLEAN)

    ran = run("audit", "a.qcow2")

    assert ran.status == 0
    assert "this image is fit to be cloned" in ran.out
    assert fake.args == ([Path("a.qcow2")],)
    assert (fake.kwargs["as_"], fake.kwargs["fail_on"], fake.kwargs["strict"]) == ("template", "error", False)


def test_findings_end_with_status_5(run: Callable[..., Any], engine: Callable[..., Any]) -> None:
    engine(AUDIT, DIRTY)

    ran = run("audit", "a.qcow2")

    assert ran.status == 5
    assert "/etc/machine-id" in ran.out
    assert ran.err == ""


def test_what_was_said_is_handed_on(run: Callable[..., Any], engine: Callable[..., Any]) -> None:
    fake = engine(AUDIT, CLEAN)

    run(
        "audit",
        "a",
        "b",
        "--as",
        "instance",
        "--fail-on",
        "never",
        "--strict",
        "--deep",
        "--waivers",
        "w.yaml",
        "--memory",
        "2048",
    )

    assert fake.args == ([Path("a"), Path("b")],)
    assert fake.kwargs["as_"] == "instance"
    assert fake.kwargs["fail_on"] == "never"
    assert fake.kwargs["strict"] is True
    assert fake.kwargs["deep"] is True
    assert fake.kwargs["waivers"] == Path("w.yaml")
    assert fake.kwargs["options"].memory == 2048


def test_with_json_the_report_is_the_one_document(run: Callable[..., Any], engine: Callable[..., Any]) -> None:
    engine(AUDIT, DIRTY)

    ran = run("audit", "a.qcow2", "--json")

    assert ran.status == 5
    assert AuditReport.model_validate(json.loads(ran.out)) == DIRTY


def test_reports_are_written_beside_the_result(
    run: Callable[..., Any], engine: Callable[..., Any], tmp_path: Path
) -> None:
    engine(AUDIT, DIRTY)
    files = {form: tmp_path / f"audit.{form}" for form in ("html", "sarif", "junit")}

    run("audit", "a.qcow2", *(word for form, path in files.items() for word in (f"--{form}", path)))

    assert files["html"].read_text().startswith("<!DOCTYPE html>")
    assert files["junit"].read_text().startswith("<?xml ")
    assert json.loads(files["sarif"].read_text())["version"] == "2.1.0"


def test_a_report_that_cannot_be_written_is_for_the_host(
    run: Callable[..., Any], engine: Callable[..., Any], tmp_path: Path
) -> None:
    engine(AUDIT, CLEAN)

    assert run("audit", "a.qcow2", "--html", tmp_path / "none" / "a.html").status == 3


def test_an_image_that_was_not_looked_at_ends_with_status_4(
    run: Callable[..., Any], engine: Callable[..., Any]
) -> None:
    refused = ImageAudit(image="b", refused=Refusal(code="IK-IMG-040", message="no system"))
    engine(AUDIT, DIRTY.model_copy(update={"images": (*DIRTY.images, refused)}))

    assert run("audit", "a.qcow2", "b").status == 4


def test_an_image_that_is_not_there_is_for_its_owner(run: Callable[..., Any], tmp_path: Path) -> None:
    ran = run("audit", tmp_path / "none.qcow2", "--json")

    assert ran.status == 4
    assert json.loads(ran.out)["error"]["code"] == "IK-IMG-101"


def test_wrong_waivers_are_for_their_author(run: Callable[..., Any], tmp_path: Path) -> None:
    waivers = tmp_path / "waivers.yaml"
    waivers.write_text("waivers:\n  - {rule: machine-ids, reason: x, until: 2030-01-01}\n")

    ran = run("audit", "a.qcow2", "--waivers", waivers)

    assert ran.status == 2
    assert 'did you mean "machine-id"?' in ran.err
    assert "IK-AUD-003" in ran.err


@pytest.mark.parametrize(
    "words",
    [("audit",), ("audit", "a", "--as", "clone"), ("audit", "a", "--fail-on", "all"), ("audit", "a", "--deeper")],
)
def test_wrong_words_are_wrong_usage(run: Callable[..., Any], words: tuple[str, ...]) -> None:
    assert run(*words).status == 2
