"""An audit as one HTML page that needs nothing else. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagekit.engine.auditing.mending import spell
from imagekit.engine.auditing.report import SEVERITIES
from imagekit.engine.auditing.wording import counts, headline, not_checked, place, remark, stale
from imagekit.page import lines, listed, page, text
from imagekit.wording import many

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imagekit.engine.auditing.report import AuditReport, Finding, ImageAudit, Severity

_STYLE = """\
section.finding{border:1px solid var(--line);border-left:4px solid;border-radius:4px;padding:.7rem 1rem;margin:.7rem 0}
.error{border-left-color:var(--error)!important}.warning{border-left-color:var(--warning)!important}
.note{border-left-color:var(--note)!important}
"""
_MOST_SHOWN = 10
"""Places that stand open; more are folded away."""


def page_text(report: AuditReport) -> str:
    """Return the audit as a page; whatever came out of an image is only shown."""
    return page(f"imagekit audit: {headline(report)}", _STYLE, _body(report))


def _body(report: AuditReport) -> Iterator[str]:
    yield f"<h1>imagekit audit, as {text(report.use)}</h1>"
    yield f'<div class="verdict{"" if report.passed else " bad"}"><strong>{text(headline(report))}</strong>'
    yield f"<p>{text(counts(report))}</p></div>"
    yield listed(_image(image) for image in report.images)
    for severity in SEVERITIES:
        yield from _findings(report, severity)
    if report.spec:
        yield "<h2>What mends it</h2>\n<p>A spec for <code>imagekit customize</code>:</p>"
        yield f"<pre>{lines(report.spec)}</pre>"
    yield from _rest(report)


def _image(image: ImageAudit) -> str:
    if image.refused:
        return f"<code>{text(image.image)}</code>: {text(image.refused.message)}"
    system = image.guest.name or image.guest.distro if image.guest else "not opened"
    return f"<code>{text(image.image)}</code>: {text(system)}"


def _findings(report: AuditReport, severity: Severity) -> Iterator[str]:
    if report.of(severity):
        yield f"<h2>{text(many(len(report.of(severity)), severity))}</h2>"
    for image, name, found in report.by_rule(severity):
        rule = report.rule(name)
        yield f'<section class="finding {severity}">\n<h3>{text(rule.title)} <code class="soft">{text(name)}</code></h3>'
        if len(report.images) > 1:
            yield f'<p class="soft">{text(image)}</p>'
        places = [_place(each) for each in found]
        yield listed(places[:_MOST_SHOWN])
        if places[_MOST_SHOWN:]:
            yield f"<details><summary>{len(places) - _MOST_SHOWN} more</summary>{listed(places[_MOST_SHOWN:])}</details>"
        yield from (f"<p>{text(told)}</p>" for told in (found[0].why, found[0].fix) if told)
        mend = spell({str(item): item for each in found for item in each.mend}.values())
        yield (f"<pre>{lines(mend)}</pre>" if mend else "") + "</section>"


def _place(finding: Finding) -> str:
    beside = f' <span class="soft">{text(remark(finding))}</span>' if remark(finding) else ""
    return f"<code>{text(place(finding))}</code> {text(finding.message)}{beside}"


def _rest(report: AuditReport) -> Iterator[str]:
    """Yield what was waived, what could not be checked, and what was."""
    waived = [
        f"{text(each.rule)} <code>{text(place(each))}</code>: {text(each.waived.reason)},"
        f" until {each.waived.until.isoformat()}"
        for each in report.findings
        if each.waived
    ]
    if waived or report.stale_waivers:
        yield "<h2>Waived</h2>" + listed([*waived, *(text(stale(each)) for each in report.stale_waivers)])
    if report.unchecked:
        told = (f"<code>{text(each.image)}</code> {text(not_checked(each))}" for each in report.unchecked)
        yield "<h2>Not checked</h2>" + listed(told)
    yield f"<h2>Looked for</h2>\n<details><summary>{many(len(report.checked), 'rule')}</summary>\n<table>"
    yield "<tr><th>rule</th><th>what it is</th><th>severity</th></tr>"
    for rule in report.checked:
        yield f"<tr><td><code>{text(rule.id)}</code></td><td>{text(rule.title)}</td><td>{rule.severity}</td></tr>"
    yield "</table></details>"
