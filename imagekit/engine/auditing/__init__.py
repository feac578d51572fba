"""``audit``: is this image fit to be cloned? What speaks against it, what mends it, what was checked and what was not."""

from __future__ import annotations

from imagekit.engine.auditing.auditor import audit as audit
from imagekit.engine.auditing.rendering import render_audit as render_audit
from imagekit.engine.auditing.report import AuditReport as AuditReport
from imagekit.engine.auditing.waivers import load_waivers as load_waivers
