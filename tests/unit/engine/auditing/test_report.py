from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from imagekit.engine.auditing.report import AuditReport, Finding, passes

if TYPE_CHECKING:
    from collections.abc import Callable


def test_a_report_is_the_same_after_a_trip_through_json(full: AuditReport) -> None:
    assert AuditReport.model_validate_json(full.model_dump_json()) == full


def test_what_is_waived_does_not_stand(full: AuditReport) -> None:
    assert [each.rule for each in full.findings if each not in full.standing] == ["ssh-host-keys"]
    assert "ssh-host-keys" not in {each.rule for each in full.of("error")}


def test_findings_of_one_rule_come_together(full: AuditReport) -> None:
    ((image, rule, found),) = full.by_rule("note")

    assert (image, rule, len(found)) == ("web.qcow2", "logs", 12)


@pytest.mark.parametrize(
    ("severity", "fail_on", "passed"),
    [
        ("error", "error", False),
        ("error", "warning", False),
        ("error", "never", True),
        ("warning", "error", True),
        ("warning", "warning", False),
        ("note", "warning", True),
    ],
)
def test_a_finding_fails_an_audit_if_it_is_as_bad_as_said(
    finding: Callable[..., Finding], severity: str, fail_on: str, passed: bool
) -> None:
    found = (finding(severity=severity),)

    assert passes(found, unchecked=True, fail_on=fail_on, strict=False) is passed  # type: ignore[arg-type]


def test_a_waived_finding_fails_none(full: AuditReport) -> None:
    waived = tuple(each for each in full.findings if each.waived)

    assert passes(waived, unchecked=False, fail_on="warning", strict=False)


def test_strict_asks_that_everything_be_checked() -> None:
    assert not passes((), unchecked=True, fail_on="never", strict=True)
    assert passes((), unchecked=False, fail_on="never", strict=True)
