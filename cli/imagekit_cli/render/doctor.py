"""What ``doctor`` found, for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagekit.wording import many
from imagekit_cli.lines import Line, Style

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imagekit.engine.doctor import Diagnosis

_STYLES: dict[str, Style] = {"ok": "good", "warn": "changed", "fail": "bad"}


def doctor_lines(found: Diagnosis) -> Iterator[Line]:
    """Yield a line a check, the command that mends it below, and the verdict."""
    width = max((len(check.name) for check in found.checks), default=0)
    for check in found.checks:
        yield Line(f"{check.state:<4}  {check.name.ljust(width)}  {check.detail}", _STYLES[check.state])
        if check.fix:
            yield Line(f"{'':<4}  {'':<{width}}  mend it: {check.fix}")
    yield Line("")
    yield Line(_verdict(found), "head")


def _verdict(found: Diagnosis) -> str:
    failed = sum(1 for check in found.checks if check.state == "fail")
    warned = sum(1 for check in found.checks if check.state == "warn")
    if failed:
        return f"this host cannot do the work yet: {many(failed, 'thing')} must be mended"
    if warned:
        return f"this host can do the work; {many(warned, 'thing')} could be better"
    return "this host can do the work"
