"""Audit as a proof that an image must stand before it is published."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagekit.engine.auditing.auditor import audit
from imagekit.engine.auditing.wording import place
from imagekit.errors import FindingsError
from imagekit.wording import many

if TYPE_CHECKING:
    from pathlib import Path

    from imagekit.engine.auditing.report import AuditReport
    from imagekit.engine.options import Options
    from imagekit.events import OnEvent

_MOST_SHOWN = 5


class NotFitToBeCloned(FindingsError):
    """An image did not pass its audit; carries the report."""

    code = "IK-AUD-004"

    def __init__(self, report: AuditReport) -> None:
        self.report = report
        errors = report.of("error")
        told = [f"{each.rule} at {place(each)}" for each in errors[:_MOST_SHOWN]]
        told += [f"{len(errors) - _MOST_SHOWN} more"] if errors[_MOST_SHOWN:] else []
        super().__init__(
            f"the image is not fit to be cloned: {many(len(errors), 'error')}",
            why="; ".join(told),
            fix=_fix(report),
        )

    def document(self) -> dict[str, object]:
        """Return the error with the findings, for ``--json``."""
        return {**super().document(), "findings": [each.model_dump(mode="json") for each in self.report.standing]}


def _fix(report: AuditReport) -> str:
    lines = report.spec.partition("transforms:\n")[2]
    return (
        f"add to the transforms of the spec:\n{lines.rstrip()}"
        if lines
        else "imagekit audit says what to do about each"
    )


def prove_audit(image: Path, options: Options, on_event: OnEvent) -> None:
    """Audit an image as a template.

    Raises:
        NotFitToBeCloned: there are errors.
    """
    report = audit(image, options=options, on_event=on_event)
    if not report.passed:
        raise NotFitToBeCloned(report)
