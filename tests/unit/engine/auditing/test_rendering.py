from __future__ import annotations

import json
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from imagekit.engine.auditing.rendering import render_audit

if TYPE_CHECKING:
    from imagekit.engine.auditing.report import AuditReport


def test_each_form_is_what_it_is_called(full: AuditReport) -> None:
    assert render_audit(full, "html").startswith("<!DOCTYPE html>")
    assert ET.fromstring(render_audit(full, "junit").encode()).tag == "testsuites"
    assert json.loads(render_audit(full, "sarif"))["version"] == "2.1.0"


def test_each_form_is_utf_8(full: AuditReport) -> None:
    for form in ("html", "junit", "sarif"):
        assert render_audit(full, form).encode()  # type: ignore[arg-type]
