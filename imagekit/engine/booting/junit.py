"""A trial of clones as JUnit XML, which every CI server reads: a case for each boot and each identity. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from imagekit.engine.booting.report import BAD

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imagekit.engine.booting.report import BootRecord, BootReport, IdentityResult

_LEFT_OUT = frozenset({"noted", "unused"})


def junit_text(report: BootReport) -> str:
    """Return the document: failures are what clones show to be wrong, errors what could not be decided."""
    cases = [*_clone_cases(report), *map(_identity_case, report.identities)]
    if report.why:
        cases.append(_case("boot", report.image, 0.0, "error", report.why))
    counts = {tag: str(sum(case.find(tag) is not None for case in cases)) for tag in ("failure", "error", "skipped")}
    suite = ET.Element(
        "testsuite",
        name=f"imagekit boot {report.image}",
        tests=str(len(cases)),
        failures=counts["failure"],
        errors=counts["error"],
        skipped=counts["skipped"],
        time=f"{report.seconds:.1f}",
    )
    suite.extend(cases)
    root = ET.Element("testsuites")
    root.append(suite)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _clone_cases(report: BootReport) -> Iterator[ET.Element]:
    for clone in report.clones:
        for record in clone.boots:
            yield _boot_case(clone.name, record)
        if clone.unread:
            yield _case(clone.name, "read offline", 0.0, "error", clone.unread)


def _boot_case(clone: str, record: BootRecord) -> ET.Element:
    tag = {"failed": "failure", "undecided": "error"}.get(record.outcome, "")
    case = _case(clone, f"boot {record.number}", record.seconds, tag, record.why)
    if record.serial_log and tag:
        ET.SubElement(case, "system-out").text = f"serial log: {record.serial_log}"
    return case


def _identity_case(identity: IdentityResult) -> ET.Element:
    if identity.judgement in _LEFT_OUT:
        return _case("identity", identity.id, 0.0, "skipped", identity.why or "this guest has none that is judged")
    if identity.judgement == "unread":
        return _case("identity", identity.id, 0.0, "error", identity.why)
    tag = "failure" if identity.judgement in BAD else ""
    return _case("identity", identity.id, 0.0, tag, identity.why)


def _case(group: str, name: str, seconds: float, tag: str, message: str) -> ET.Element:
    case = ET.Element("testcase", classname=f"imagekit.boot.{group}", name=name, time=f"{seconds:.1f}")
    if tag:
        ET.SubElement(case, tag, message=_characters(message))
    return case


def _characters(text: str) -> str:
    """Return the text without what XML 1.0 has no way to write."""
    return "".join(char if char.isprintable() else " " for char in text)
