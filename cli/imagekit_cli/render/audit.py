"""An audit for a person: the worst first, and at the end the spec lines that mend it, and the verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagekit.engine.auditing.report import SEVERITIES
from imagekit.engine.auditing.wording import counts, headline, not_checked, place, remark, stale
from imagekit.wording import many
from imagekit_cli.lines import Line, Style

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imagekit.engine.auditing.report import AuditReport, Finding, ImageAudit, Severity

_STYLES: dict[Severity, Style] = {"error": "bad", "warning": "changed", "note": "dim"}
_MOST_SHOWN = 10


def audit_lines(report: AuditReport) -> Iterator[Line]:
    """Yield the audit; the last two lines are the verdict and the counts."""
    for image in report.images:
        yield from _image(image)
    for severity in SEVERITIES:
        yield from _severity(report, severity)
    yield from _rest(report)
    if report.spec:
        yield from (Line(""), Line("a spec that mends what a spec can mend:", "head"))
        yield from (Line(f"  {text}", "good") for text in report.spec.splitlines())
    yield Line("")
    yield Line(headline(report), "good" if report.passed else "bad")
    yield Line(counts(report))


def _image(image: ImageAudit) -> Iterator[Line]:
    if image.refused:
        yield Line(f"{image.image}: {image.refused.code}  {image.refused.message}", "bad")
        yield from (Line(f"  fix:  {image.refused.fix}") for _ in [0] if image.refused.fix)
    else:
        system = image.guest.name or image.guest.distro if image.guest else "not opened"
        yield Line(f"{image.image}: {system}", "head")


def _severity(report: AuditReport, severity: Severity) -> Iterator[Line]:
    if report.of(severity):
        yield from (Line(""), Line(many(len(report.of(severity)), severity), "head"))
    for image, name, found in report.by_rule(severity):
        where = f"  in {image}" if len(report.images) > 1 else ""
        yield Line(f"  {name}  {report.rule(name).title}{where}", _STYLES[severity])
        for finding in found[:_MOST_SHOWN]:
            yield Line(f"      {_place(finding)}", "place")
        if found[_MOST_SHOWN:]:
            yield Line(f"      and {len(found) - _MOST_SHOWN} more, all of them with --json")
        yield from (Line(f"      why:  {text}") for text in dict.fromkeys(each.why for each in found) if text)
        yield from (Line(f"      fix:  {text}") for text in dict.fromkeys(each.fix for each in found) if text)


def _place(finding: Finding) -> str:
    """Return where a finding is, and what is to be said beside what the rule's title says already."""
    said = "" if finding.message.startswith("in the image: ") else finding.message
    told = [text for text in (said, remark(finding)) if text]
    return "  ".join([place(finding), *(["; ".join(told)] if told else [])])


def _rest(report: AuditReport) -> Iterator[Line]:
    waived = [each for each in report.findings if each.waived]
    if waived or report.stale_waivers:
        yield from (Line(""), Line("waived", "head"))
    for each in waived:
        reason = f"{each.waived.reason}, until {each.waived.until.isoformat()}" if each.waived else ""
        yield Line(f"  {each.rule}  {place(each)}: {reason}", "dim")
    for waiver in report.stale_waivers:
        yield Line(f"  {stale(waiver)}", "changed")
    if report.unchecked:
        yield from (Line(""), Line("not checked", "head"))
    for missed in report.unchecked:
        where = f"{missed.image}: " if len(report.images) > 1 else ""
        yield Line(f"  {where}{not_checked(missed)}", "changed")
