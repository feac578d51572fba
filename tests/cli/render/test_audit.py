from __future__ import annotations

from datetime import date
from typing import Any

from imagekit.engine.auditing.report import (
    AuditReport,
    Finding,
    ImageAudit,
    Refusal,
    StaleWaiver,
    Unchecked,
    Waived,
)
from imagekit.engine.auditing.rules import rules_for
from imagekit.guest.facts import Facts
from imagekit_cli.render.audit import audit_lines


def finding(**fields: Any) -> Finding:
    usual = {"rule": "machine-id", "severity": "error", "image": "a", "path": "/etc/machine-id", "why": "w", "fix": "f"}
    return Finding(**{**usual, "message": "in the image: machine-id", **fields})


def texts(*findings: Finding, **fields: Any) -> list[str]:
    usual = {"use": "template", "fail_on": "error", "strict": False, "passed": not findings}
    image = ImageAudit(image="a", guest=Facts(distro="debian", name="Debian 12"))
    report = AuditReport(
        **{**usual, "images": (image,), "findings": findings, "checked": rules_for("template"), **fields}
    )
    return [line.text for line in audit_lines(report)]


def test_a_clean_image_has_a_verdict_and_a_count() -> None:
    first, *_, verdict, counted = texts()

    assert (first, verdict) == ("a: Debian 12", "this image is fit to be cloned")
    assert counted.startswith("no findings; ")


def test_the_worst_comes_first_with_why_and_fix() -> None:
    told = texts(finding(recognised="ab" * 16), finding(rule="logs", severity="note", path="/var/log/x"))

    assert told.index("1 error") < told.index("1 note")
    assert "  machine-id  machine-id" in told
    assert f"      /etc/machine-id  recognised by {'ab' * 16}" in told
    assert {"      why:  w", "      fix:  f"} <= set(told)


def test_what_a_message_says_beyond_the_title_is_told() -> None:
    told = texts(finding(rule="weak-password", path="/etc/shadow", message="the user root …"))

    assert "      /etc/shadow  the user root …" in told


def test_many_places_are_counted() -> None:
    told = texts(*(finding(rule="logs", severity="note", path=f"/var/log/{n}") for n in range(13)))

    assert "      and 3 more, all of them with --json" in told
    assert sum(line.startswith("      /var/log/") for line in told) == 10


def test_the_spec_that_mends_stands_at_the_end_as_it_is() -> None:
    told = texts(finding(), spec="version: 1\ntransforms:\n  - machine-id\n")

    place = told.index("a spec that mends what a spec can mend:")
    assert told[place + 1 : place + 4] == ["  version: 1", "  transforms:", "    - machine-id"]


def test_of_several_images_each_finding_says_whose_it_is() -> None:
    images = (
        ImageAudit(image="a"),
        ImageAudit(image="b", refused=Refusal(code="IK-X", message="no system", fix="look")),
    )

    told = texts(finding(shared_with=("c",)), images=images, unchecked=(Unchecked(image="b", reason="no system"),))

    assert "  machine-id  machine-id  in a" in told
    assert "      /etc/machine-id  shared with c" in told
    assert {"b: IK-X  no system", "  fix:  look", "  b: everything: no system"} <= set(told)


def test_waived_and_stale_waivers_are_told() -> None:
    waived = Waived(reason="a lab", until=date(2030, 1, 1))
    stale = StaleWaiver(rule="tmp", path="*", place="w.yaml:3", state="unused", until=date(2030, 1, 1))

    told = texts(finding(waived=waived), stale_waivers=(stale,))

    assert "  machine-id  /etc/machine-id: a lab, until 2030-01-01" in told
    assert "  w.yaml:3: the waiver of tmp at * covers no finding; remove it" in told
    assert "1 error" not in told
