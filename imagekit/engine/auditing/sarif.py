"""An audit as SARIF 2.1.0, the OASIS standard that code hosts and editors show. Pure."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from imagekit.engine.auditing.mending import spell
from imagekit.engine.auditing.wording import not_checked, place, remark, stale
from imagekit.engine.version import imagekit_version
from imagekit.wording import readable

if TYPE_CHECKING:
    from imagekit.engine.auditing.report import AuditReport, Finding, Rule

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def sarif_document(report: AuditReport) -> dict[str, Any]:
    """Return the audit as one run of SARIF; rules are those that were looked for, waivers are suppressions."""
    rules = {rule.id: number for number, rule in enumerate(report.checked)}
    driver = {"name": "imagekit audit", "version": imagekit_version(), "rules": [_rule(r) for r in report.checked]}
    invocation = {
        "executionSuccessful": all(image.refused is None for image in report.images),
        "toolExecutionNotifications": [_notification(not_checked(each)) for each in report.unchecked],
        "toolConfigurationNotifications": [_notification(stale(each)) for each in report.stale_waivers],
    }
    run = {
        "tool": {"driver": driver},
        "invocations": [invocation],
        "artifacts": [{"location": {"uri": _uri(image.image)}} for image in report.images],
        "results": [_result(finding, rules[finding.rule]) for finding in report.findings],
        "columnKind": "unicodeCodePoints",
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(rule: Rule) -> dict[str, Any]:
    told: dict[str, Any] = {
        "id": rule.id,
        "shortDescription": {"text": rule.title},
        "defaultConfiguration": {"level": rule.severity},
        "properties": {"tags": [rule.group]},
    }
    return told | ({"fullDescription": {"text": rule.why}} if rule.why else {})


def _result(finding: Finding, index: int) -> dict[str, Any]:
    sentences = (readable(finding.message), remark(finding), finding.why, finding.fix)
    location: dict[str, Any] = {"physicalLocation": {"artifactLocation": {"uri": _uri(finding.image)}}}
    if finding.path:
        location["logicalLocations"] = [{"fullyQualifiedName": place(finding), "kind": "resource"}]
    same = hashlib.sha256(f"{finding.image}\0{finding.rule}\0{finding.path}".encode()).hexdigest()
    told: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": finding.severity,
        "message": {"text": ". ".join(sentence for sentence in sentences if sentence) + "."},
        "locations": [location],
        "partialFingerprints": {"imagekitFinding/v1": same},
    }
    if finding.mend:
        told["properties"] = {"mend": spell(finding.mend)}
    if finding.waived:
        justification = f"{readable(finding.waived.reason)} (until {finding.waived.until.isoformat()})"
        told["suppressions"] = [{"kind": "external", "status": "accepted", "justification": justification}]
    return told


def _notification(text: str) -> dict[str, Any]:
    return {"level": "warning", "message": {"text": text}}


def _uri(path: str) -> str:
    """Return a path as a URI reference, RFC 3986: an absolute one with its scheme, for SARIF wants it told."""
    quoted = quote(path.encode("utf-8", "surrogateescape"), safe="/-._~")
    return f"file://{quoted}" if path.startswith("/") else quoted
