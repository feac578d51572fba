"""An audit as one HTML page that needs nothing else: no script, no font, no network; it fits a phone. Pure."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from imagekit.engine.auditing.mending import spell
from imagekit.engine.auditing.report import SEVERITIES
from imagekit.engine.auditing.wording import counts, headline, many, not_checked, place, readable, remark, stale

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from imagekit.engine.auditing.report import AuditReport, Finding, ImageAudit, Severity

_STYLE = """\
:root{color-scheme:light dark;--ink:#1c2024;--soft:#5b6470;--line:#d5dae0;--page:#fff;--box:#f5f7f9;
--error:#b3261e;--warning:#8a5a00;--note:#3b5b8c;--good:#1a6b3c}
@media(prefers-color-scheme:dark){:root{--ink:#e6e9ec;--soft:#a0a8b2;--line:#3a4149;--page:#14171a;--box:#1d2125;
--error:#ff8a80;--warning:#f0b656;--note:#9bbcf0;--good:#7fd6a2}}
body{font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--page);max-width:56rem;margin:0 auto;padding:1rem}
h1{font-size:1.4rem}h2{font-size:1.15rem;margin-top:2rem}h3{font-size:1rem;margin:0}
section.finding{border:1px solid var(--line);border-left:4px solid;border-radius:4px;padding:.7rem 1rem;margin:.7rem 0}
.error{border-left-color:var(--error)!important}.warning{border-left-color:var(--warning)!important}
.note{border-left-color:var(--note)!important}.verdict{padding:.7rem 1rem;border-radius:4px;background:var(--box);
border-left:4px solid var(--good)}.verdict.bad{border-left-color:var(--error)}
p{margin:.4rem 0}.soft{color:var(--soft)}code,pre{font:.85em/1.5 ui-monospace,monospace;overflow-wrap:anywhere}
pre{background:var(--box);padding:.7rem;overflow-x:auto;white-space:pre-wrap}ul{padding-left:1.2rem}
table{border-collapse:collapse;width:100%}td,th{text-align:left;vertical-align:top;padding:.25rem .5rem;
border-bottom:1px solid var(--line)}summary{cursor:pointer;padding:.3rem 0}
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_MOST_SHOWN = 10
"""Places that stand open; more are folded away."""


def page_text(report: AuditReport) -> str:
    """Return the audit as a page. Whatever came out of an image is escaped, and cannot run: the page forbids it all."""
    return "\n".join(_page(report)) + "\n"


def _page(report: AuditReport) -> Iterator[str]:
    yield '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
    yield f"<title>imagekit audit: {_text(headline(report))}</title>\n<style>\n{_STYLE}</style>\n</head>\n<body>\n<main>"
    yield f"<h1>imagekit audit, as {_text(report.use)}</h1>"
    yield f'<div class="verdict{"" if report.passed else " bad"}"><strong>{_text(headline(report))}</strong>'
    yield f"<p>{_text(counts(report))}</p></div>"
    yield _list(_image(image) for image in report.images)
    for severity in SEVERITIES:
        yield from _findings(report, severity)
    if report.spec:
        yield "<h2>What mends it</h2>\n<p>A spec for <code>imagekit customize</code>:</p>"
        yield f"<pre>{escape(report.spec)}</pre>"
    yield from _rest(report)
    yield "</main>\n</body>\n</html>"


def _image(image: ImageAudit) -> str:
    if image.refused:
        return f"<code>{_text(image.image)}</code>: {_text(image.refused.message)}"
    system = image.guest.name or image.guest.distro if image.guest else "not opened"
    return f"<code>{_text(image.image)}</code>: {_text(system)}"


def _findings(report: AuditReport, severity: Severity) -> Iterator[str]:
    if report.of(severity):
        yield f"<h2>{_text(many(len(report.of(severity)), severity))}</h2>"
    for image, name, found in report.by_rule(severity):
        rule = report.rule(name)
        yield f'<section class="finding {severity}">\n<h3>{_text(rule.title)} <code class="soft">{_text(name)}</code></h3>'
        if len(report.images) > 1:
            yield f'<p class="soft">{_text(image)}</p>'
        places = [_place(each) for each in found]
        yield _list(places[:_MOST_SHOWN])
        if places[_MOST_SHOWN:]:
            yield f"<details><summary>{len(places) - _MOST_SHOWN} more</summary>{_list(places[_MOST_SHOWN:])}</details>"
        yield from (f"<p>{_text(told)}</p>" for told in (found[0].why, found[0].fix) if told)
        mend = spell({str(item): item for each in found for item in each.mend}.values())
        yield (f"<pre>{escape(mend)}</pre>" if mend else "") + "</section>"


def _place(finding: Finding) -> str:
    beside = f' <span class="soft">{_text(remark(finding))}</span>' if remark(finding) else ""
    return f"<code>{escape(place(finding))}</code> {_text(finding.message)}{beside}"


def _rest(report: AuditReport) -> Iterator[str]:
    """Yield what was waived, what could not be checked, and what was."""
    waived = [
        f"{_text(each.rule)} <code>{escape(place(each))}</code>: {_text(each.waived.reason)},"
        f" until {each.waived.until.isoformat()}"
        for each in report.findings
        if each.waived
    ]
    if waived or report.stale_waivers:
        yield "<h2>Waived</h2>" + _list([*waived, *(_text(stale(each)) for each in report.stale_waivers)])
    if report.unchecked:
        told = (f"<code>{_text(each.image)}</code> {_text(not_checked(each))}" for each in report.unchecked)
        yield "<h2>Not checked</h2>" + _list(told)
    yield f"<h2>Looked for</h2>\n<details><summary>{many(len(report.checked), 'rule')}</summary>\n<table>"
    yield "<tr><th>rule</th><th>what it is</th><th>severity</th></tr>"
    for rule in report.checked:
        yield f"<tr><td><code>{_text(rule.id)}</code></td><td>{_text(rule.title)}</td><td>{rule.severity}</td></tr>"
    yield "</table></details>"


def _list(items: Iterable[str]) -> str:
    return "<ul>" + "".join(f"<li>{item}</li>" for item in items) + "</ul>"


def _text(text: str) -> str:
    return escape(readable(text))
