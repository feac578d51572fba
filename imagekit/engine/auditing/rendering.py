"""The forms of an audit for other programs and for people."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Literal

from imagekit.engine.auditing.junit import junit_text
from imagekit.engine.auditing.page import page_text
from imagekit.engine.auditing.sarif import sarif_document

if TYPE_CHECKING:
    from imagekit.engine.auditing.report import AuditReport

Form = Literal["html", "junit", "sarif"]


def render_audit(report: AuditReport, form: Form) -> str:
    """Return an audit as ``html``, one page that needs nothing else; ``junit``, XML; or ``sarif``, JSON of SARIF 2.1.0."""
    match form:
        case "html":
            return page_text(report)
        case "junit":
            return '<?xml version="1.0" encoding="UTF-8"?>\n' + junit_text(report)
        case "sarif":
            return json.dumps(sarif_document(report), indent=2) + "\n"
