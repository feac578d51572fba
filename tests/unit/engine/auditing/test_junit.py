from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from imagekit.engine.auditing.junit import junit_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from imagekit.engine.auditing.report import AuditReport, Finding


@pytest.fixture
def root(full: AuditReport) -> ET.Element:
    return ET.fromstring(junit_text(full))


def case(root: ET.Element, name: str) -> ET.Element:
    found = root.find(f"testsuite/testcase[@name='{name}']")
    assert found is not None
    return found


def test_each_image_is_a_suite_of_all_rules(root: ET.Element, full: AuditReport) -> None:
    suites = root.findall("testsuite")

    assert [suite.get("name") for suite in suites] == ["web.qcow2", "/srv/a b.qcow2"]
    assert suites[0].get("tests") == str(len(full.checked))


def test_what_fails_the_audit_fails_a_case(root: ET.Element) -> None:
    failure = case(root, "machine-id").find("failure")

    assert failure is not None
    assert failure.get("message") == "machine-id: 1 finding"
    assert "/etc/machine-id" in (failure.text or "")
    assert "  - machine-id" in (failure.text or "")


def test_a_lesser_finding_is_output(root: ET.Element) -> None:
    assert case(root, "missing-volume").find("failure") is None
    assert "warning" in (case(root, "missing-volume").findtext("system-out") or "")


def test_a_warning_fails_where_warnings_do(report: Callable[..., AuditReport], finding: Callable[..., Finding]) -> None:
    text = junit_text(report(finding(severity="warning"), fail_on="warning"))

    assert case(ET.fromstring(text), "machine-id").find("failure") is not None


def test_what_is_waived_or_not_checked_is_skipped(root: ET.Element) -> None:
    waived, missed = case(root, "ssh-host-keys").find("skipped"), case(root, "weak-password").find("skipped")

    assert waived is not None
    assert waived.get("message") == "waived: the lab's own"
    assert missed is not None
    assert "no libxcrypt" in (missed.get("message") or "")


def test_strict_makes_an_error_of_what_was_not_checked(full: AuditReport) -> None:
    root = ET.fromstring(junit_text(full.model_copy(update={"strict": True})))

    assert case(root, "weak-password").find("error") is not None


def test_an_image_that_was_not_opened_is_an_error(root: ET.Element) -> None:
    errors = root.findall("testsuite[2]/testcase/error")

    assert len(errors) == 1


def test_the_counts_are_right(root: ET.Element) -> None:
    assert root.get("failures") == str(len(root.findall("testsuite/testcase/failure"))) == "1"
    assert root.get("skipped") == str(len(root.findall("testsuite/testcase/skipped"))) == "2"
    assert root.get("errors") == "1"
