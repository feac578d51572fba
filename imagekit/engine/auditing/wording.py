"""The sentences about an audit that all of its forms share. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagekit.engine.auditing.report import SEVERITIES
from imagekit.wording import many, readable

if TYPE_CHECKING:
    from imagekit.engine.auditing.report import AuditReport, Finding, StaleWaiver, Unchecked

_AS = {"template": "to be cloned", "instance": "as instances"}


def headline(report: AuditReport) -> str:
    """Return the verdict in one sentence."""
    refused = sum(image.refused is not None for image in report.images)
    if refused:
        return f"{many(refused, 'image')} of {len(report.images)} could not be audited"
    what = "this image is" if len(report.images) == 1 else f"these {len(report.images)} images are"
    if report.passed:
        return (
            f"{what} fit {_AS[report.use]}" if report.use == "template" else "nothing speaks against use as instances"
        )
    return f"{what} not fit {_AS[report.use]}"


def counts(report: AuditReport) -> str:
    """Return how many findings there are, by severity, and what else is to be known."""
    told = [many(len(report.of(severity)), severity) for severity in SEVERITIES if report.of(severity)]
    waived = len(report.findings) - len(report.standing)
    told += [f"{waived} waived"] if waived else []
    told += [f"{len(report.unchecked)} not checked"] if report.unchecked else []
    return f"{', '.join(told) or 'no findings'}; {many(len(report.checked), 'rule')} looked for"


def place(finding: Finding) -> str:
    """Return where a finding is."""
    return readable(finding.path) or "the image as a whole"


def remark(finding: Finding) -> str:
    """Return what is to be known of a finding beside its place; "" if nothing is."""
    told = [f"recognised by {finding.recognised}"] if finding.recognised else []
    told += [f"shared with {', '.join(map(readable, finding.shared_with))}"] if finding.shared_with else []
    return "; ".join(told)


def not_checked(each: Unchecked) -> str:
    """Return what could not be checked, and why."""
    told = [readable(part) for part in (each.rule, each.path) if part]
    return f"{' '.join(told) or 'everything'}: {readable(each.reason)}"


def stale(waiver: StaleWaiver) -> str:
    """Return why a waiver let nothing pass."""
    if waiver.state == "expired":
        return f"{waiver.place}: the waiver of {waiver.rule} has expired: it was until {waiver.until.isoformat()}"
    return f"{waiver.place}: the waiver of {waiver.rule} at {waiver.path} covers no finding; remove it"
