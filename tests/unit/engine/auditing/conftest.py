"""Guests as a template should be and as it should not, and reports made by hand."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from imagekit.engine.auditing.report import AuditReport, Finding, ImageAudit, Refusal, StaleWaiver, Unchecked, Waived
from imagekit.engine.auditing.rules import rules_for
from imagekit.guest.facts import Facts
from imagekit.identity.catalogue import load_catalogue
from imagekit.testing.phony import guest_names

if TYPE_CHECKING:
    from collections.abc import Callable

    from imagekit.testing.memory import MemoryGuest
    from imagekit.testing.phony import Recipe


def generalized(guest: MemoryGuest) -> MemoryGuest:
    """Reset every identity that is reset by default; with cloud-init comes what it recommends."""
    if guest.exists("/usr/bin/cloud-init"):
        guest.add("/usr/bin/growpart", "")
    for item in load_catalogue():
        if item.default:
            item.reset(guest, ())
    return guest


@pytest.fixture(params=guest_names())
def template(request: pytest.FixtureRequest, recipes: dict[str, Recipe]) -> MemoryGuest:
    """Each phony guest in turn, as generalize leaves it."""
    return generalized(recipes[request.param].guest())


@pytest.fixture
def clean_debian(recipes: dict[str, Recipe]) -> MemoryGuest:
    return generalized(recipes["debian-12"].guest())


HOSTILE = '/etc/<script>alert("x")</script>&\x1b[31m\u202e\x00'


@pytest.fixture
def finding() -> Callable[..., Finding]:
    """Make a finding, of which only what a test is about need be said."""

    def make(**fields: Any) -> Finding:
        usual = {"rule": "machine-id", "severity": "error", "image": "web.qcow2", "path": "/etc/machine-id"}
        return Finding(**{**usual, "message": "in the image: machine-id", **fields})

    return make


@pytest.fixture
def report() -> Callable[..., AuditReport]:
    """Make a report of one image, of which only what a test is about need be said."""

    def make(*findings: Finding, **fields: Any) -> AuditReport:
        image = ImageAudit(image="web.qcow2", guest=Facts(distro="debian", name="Debian GNU/Linux 12 (bookworm)"))
        usual = {"use": "template", "fail_on": "error", "strict": False, "passed": not findings, "images": (image,)}
        return AuditReport(**{**usual, "findings": findings, "checked": rules_for("template"), **fields})

    return make


@pytest.fixture
def full(report: Callable[..., AuditReport], finding: Callable[..., Finding]) -> AuditReport:
    """A report with everything in it, and with names that a hostile guest may have."""
    waived = Waived(reason="the lab's own", until=date(2030, 1, 31), place="waivers.yaml:3")
    return report(
        finding(recognised="a" * 32, why="it is <one>", fix="reset it", mend=({"machine-id": None},)),
        finding(rule="missing-volume", severity="warning", path=HOSTILE, message=f"{HOSTILE} is odd"),
        *(finding(rule="logs", severity="note", path=f"/var/log/{number}") for number in range(12)),
        finding(rule="ssh-host-keys", path="/etc/ssh/ssh_host_rsa_key", waived=waived),
        images=(
            ImageAudit(image="web.qcow2", guest=Facts(name="Debian & friends")),
            ImageAudit(image="/srv/a b.qcow2", refused=Refusal(code="IK-IMG-040", message="no system", fix="look")),
        ),
        unchecked=(
            Unchecked(image="web.qcow2", rule="weak-password", path="/etc/shadow", reason="no libxcrypt"),
            Unchecked(image="/srv/a b.qcow2", reason="nothing in it was looked at"),
        ),
        stale_waivers=(
            StaleWaiver(rule="logs", path="*", place="waivers.yaml:9", state="expired", until=date(2020, 1, 1)),
            StaleWaiver(rule="tmp", path="/x", place="waivers.yaml:12", state="unused", until=date(2030, 1, 1)),
        ),
        spec="version: 1\ntransforms:\n  - machine-id\n",
    )
