"""An audit as JUnit XML, which every CI server reads: a suite an image, a case a rule. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from imagekit.engine.auditing.mending import spell
from imagekit.engine.auditing.report import FAILING
from imagekit.engine.auditing.wording import not_checked, place, remark
from imagekit.wording import many, readable

if TYPE_CHECKING:
    from imagekit.engine.auditing.report import AuditReport, Finding, ImageAudit, Rule, Unchecked


def junit_text(report: AuditReport) -> str:
    """Return the audit as XML.

    A case fails by a finding that lets the audit fail; a lesser one is its output. What is waived or could not be
    checked is skipped; with ``strict``, the latter is an error. What concerns all rules of an image is a case of its own.
    """
    root = ET.Element("testsuites", name="imagekit audit")
    for image in report.images:
        root.append(_suite(report, image))
    _count(root, list(root.iter("testcase")))
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=False) + "\n"


def _suite(report: AuditReport, image: ImageAudit) -> ET.Element:
    suite = ET.Element("testsuite", name=readable(image.image))
    general = [each for each in report.unchecked if each.image == image.image and not each.rule]
    if general:
        case = ET.SubElement(suite, "testcase", classname="imagekit.audit", name="everything could be checked")
        _unchecked(case, general, strict=report.strict or image.refused is not None)
    for rule in report.checked:
        suite.append(_case(report, image, rule))
    _count(suite, list(suite))
    return suite


def _case(report: AuditReport, image: ImageAudit, rule: Rule) -> ET.Element:
    case = ET.Element("testcase", classname=f"imagekit.audit.{rule.group}", name=rule.id)
    found = [each for each in report.findings if (each.image, each.rule) == (image.image, rule.id)]
    standing = [each for each in found if each.waived is None]
    failing = [each for each in standing if each.severity in FAILING[report.fail_on]]
    missed = [each for each in report.unchecked if (each.image, each.rule) == (image.image, rule.id)]
    if failing:
        message = f"{rule.title}: {many(len(failing), 'finding')}"
        ET.SubElement(case, "failure", message=message, type=rule.severity).text = _told(failing)
    elif missed:
        _unchecked(case, missed, strict=report.strict)
    elif found and not standing:
        reasons = sorted({each.waived.reason for each in found if each.waived})
        ET.SubElement(case, "skipped", message=f"waived: {readable('; '.join(reasons))}")
    lesser = [each for each in standing if each not in failing]
    if lesser:
        ET.SubElement(case, "system-out").text = _told(lesser)
    return case


def _unchecked(case: ET.Element, missed: list[Unchecked], *, strict: bool) -> None:
    message = "could not be checked: " + "; ".join(map(not_checked, missed))
    ET.SubElement(case, "error" if strict else "skipped", message=message)


def _told(findings: list[Finding]) -> str:
    lines = []
    for each in findings:
        lines += [f"{each.severity}: {readable(each.message)} ({place(each)})"]
        lines += [f"  {told}" for told in (remark(each),) if told]
    first = findings[0]
    lines += [f"why: {first.why}"] if first.why else []
    lines += [f"fix: {first.fix}"] if first.fix else []
    return "\n".join(lines) + "\n" + spell({str(item): item for each in findings for item in each.mend}.values())


def _count(element: ET.Element, cases: list[ET.Element]) -> None:
    element.set("tests", str(len(cases)))
    for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        element.set(name, str(sum(case.find(tag) is not None for case in cases)))
