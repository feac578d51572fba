"""What an audit tells: frozen, and all that any of its forms is made from."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict

from imagekit.guest.facts import Facts
from imagekit.receipt import IdentityRecord

if TYPE_CHECKING:
    from collections.abc import Iterator

Severity = Literal["error", "warning", "note"]
Use = Literal["template", "instance"]
FailOn = Literal["error", "warning", "never"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")
_CONFIG = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Rule(BaseModel):
    """One thing that was looked for."""

    model_config = _CONFIG

    id: str
    group: str
    title: str
    severity: Severity
    why: str = ""


class Waived(BaseModel):
    """Who lets a finding pass, and how long."""

    model_config = _CONFIG

    reason: str
    until: date
    """The last day on which it does."""
    place: str = ""
    """File and line of the waiver."""


class Finding(BaseModel):
    """One thing that audit objects to, at one place of one image. It never holds a secret or a machine-id."""

    model_config = _CONFIG

    rule: str
    """Stable id of what was looked for; ``generalize`` knows those of identities by the same ids."""
    severity: Severity
    image: str
    """The image as the caller named it."""
    path: str = ""
    """In the guest, ``IMAGE: PATH`` for a copy inside an initramfs, a device, or "" for the image as a whole."""
    message: str
    why: str = ""
    fix: str = ""
    recognised: str = ""
    """What a machine-id is recognised by: the id derived from it for imagekit alone."""
    mend: tuple[dict[str, object], ...] = ()
    """Items of a spec's ``transforms`` that mend it; empty if no spec can."""
    optional: bool = False
    """It may be meant to be in every clone: ``generalize`` leaves it alone unless told, and so does the report's spec."""
    shared_with: tuple[str, ...] = ()
    """Other images of this audit that have the same identity."""
    waived: Waived | None = None


class Unchecked(BaseModel):
    """Something that could not be checked, and why."""

    model_config = _CONFIG

    image: str
    rule: str = ""
    """Id of the rule; "" if it concerns them all."""
    path: str = ""
    reason: str


class Refusal(BaseModel):
    """Why an image could not be audited at all."""

    model_config = _CONFIG

    code: str
    message: str
    why: str = ""
    fix: str = ""


class ImageAudit(BaseModel):
    """One image of the audit."""

    model_config = _CONFIG

    image: str
    guest: Facts | None = None
    """Null if it was not opened."""
    identities: tuple[IdentityRecord, ...] = ()
    """What is blank, with who makes a new one, and what is present."""
    refused: Refusal | None = None


class StaleWaiver(BaseModel):
    """A waiver that let nothing pass."""

    model_config = _CONFIG

    rule: str
    path: str
    place: str
    state: Literal["expired", "unused"]
    until: date


class AuditReport(BaseModel):
    """What speaks against images, what mends it, what was checked and what could not be."""

    model_config = _CONFIG

    version: Literal[1] = 1
    use: Use
    """What the images were judged as."""
    fail_on: FailOn
    strict: bool
    passed: bool
    """Whether nothing that was not waived is as bad as ``fail_on``, and, if strict, everything could be checked."""
    images: tuple[ImageAudit, ...]
    findings: tuple[Finding, ...]
    """The worst first; waived ones are among them."""
    checked: tuple[Rule, ...]
    """Everything that was looked for."""
    unchecked: tuple[Unchecked, ...] = ()
    stale_waivers: tuple[StaleWaiver, ...] = ()
    spec: str = ""
    """A spec, as YAML, that mends what a spec can mend; "" if there is nothing to mend."""

    @property
    def standing(self) -> tuple[Finding, ...]:
        """The findings that are not waived."""
        return tuple(finding for finding in self.findings if finding.waived is None)

    def of(self, severity: Severity) -> tuple[Finding, ...]:
        """Return the findings of a severity that are not waived."""
        return tuple(finding for finding in self.standing if finding.severity == severity)

    def by_rule(self, severity: Severity) -> Iterator[tuple[str, str, tuple[Finding, ...]]]:
        """Yield image, rule and findings, for those of a severity that are not waived, in their order."""
        groups: dict[tuple[str, str], list[Finding]] = {}
        for finding in self.of(severity):
            groups.setdefault((finding.image, finding.rule), []).append(finding)
        for (image, rule), found in groups.items():
            yield image, rule, tuple(found)

    def rule(self, name: str) -> Rule:
        """Return what was looked for under an id."""
        return next(rule for rule in self.checked if rule.id == name)


FAILING: dict[FailOn, tuple[Severity, ...]] = {"error": ("error",), "warning": ("error", "warning"), "never": ()}
"""Severities with which an audit is not passed."""


def passes(findings: tuple[Finding, ...], *, unchecked: bool, fail_on: FailOn, strict: bool) -> bool:
    """Tell whether an audit is passed: see ``AuditReport.passed``."""
    failing = any(finding.severity in FAILING[fail_on] for finding in findings if finding.waived is None)
    return not failing and not (strict and unchecked)
