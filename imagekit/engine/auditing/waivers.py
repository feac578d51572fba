"""Waivers: findings that somebody lets pass, with a reason and a last day."""

from __future__ import annotations

import fnmatch
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from imagekit.diagnostics import Diagnostic, Place, SpecInvalid
from imagekit.engine.auditing.report import StaleWaiver, Waived
from imagekit.engine.auditing.rules import known_ids
from imagekit.errors import SpecError
from imagekit.spec.sentences import unknown
from imagekit.spec.validation import validate
from imagekit.spec.yamltext import LARGEST, read_yaml

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from imagekit.engine.auditing.report import Finding
    from imagekit.spec.nodes import Node

_CONFIG = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class WaiversInvalid(SpecInvalid):
    """A file of waivers is wrong; carries every diagnostic at once."""

    code = "IK-AUD-001"

    def __init__(self, file: str, diagnostics: tuple[Diagnostic, ...]) -> None:
        self.file = file
        self.diagnostics = diagnostics
        count = f"{len(diagnostics)} problem{'' if len(diagnostics) == 1 else 's'}"
        SpecError.__init__(self, f"{count} in the waivers of {file}")


class Waiver(BaseModel):
    """Findings that may pass until a day."""

    model_config = _CONFIG

    rule: str
    """Id of a rule."""
    path: str = "*"
    """Shell pattern of the paths of findings; ``*`` stands for any text, slashes among it."""
    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
    """Why they may."""
    until: date
    """The last day on which they may, YYYY-MM-DD."""
    place: str = Field(default="", exclude=True)
    """File and line of it."""

    def covers(self, finding: Finding) -> bool:
        """Tell whether it is about a finding."""
        return known_ids().get(self.rule) == finding.rule and fnmatch.fnmatchcase(finding.path, self.path)


class _File(BaseModel):
    """A file of waivers."""

    model_config = _CONFIG

    version: Literal[1] = 1
    waivers: tuple[Waiver, ...]


def load_waivers(path: Path | str) -> tuple[Waiver, ...]:
    """Return the waivers of a YAML file.

    Raises:
        WaiversInvalid: with everything that is wrong, on the author's own lines.
    """
    name = str(path)
    try:
        with Path(path).open("rb") as opened:
            text = opened.read(LARGEST + 1).decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = "it is not UTF-8 text" if isinstance(error, UnicodeDecodeError) else error.strerror
        raise WaiversInvalid(name, (Diagnostic("IK-AUD-002", f"cannot read {name}: {reason}"),)) from error
    return parse_waivers(text, name)


def parse_waivers(text: str, name: str = "waivers.yaml") -> tuple[Waiver, ...]:
    """Return the waivers of a text; ``name`` is what places call it.

    Raises:
        WaiversInvalid: as ``load_waivers``.
    """
    node, problems = read_yaml(text, name)
    if node is None or not isinstance(node.value, dict):
        wrong = Diagnostic("IK-AUD-002", 'a file of waivers is a mapping with "waivers:"', place=Place(name, 1, 1))
        raise WaiversInvalid(name, problems or (wrong,))
    file, misfits = validate(_File, node, "", node.place, {})
    found = (*problems, *misfits, *(_unknown_rules(file, node) if file else ()))
    if found or file is None:
        raise WaiversInvalid(name, found)
    items = node.members["waivers"].node.items
    return tuple(
        waiver.model_copy(update={"place": f"{item.place.file}:{item.place.line}"})
        for waiver, item in zip(file.waivers, items, strict=True)
    )


def _unknown_rules(file: _File, node: Node) -> Iterator[Diagnostic]:
    for index, (waiver, item) in enumerate(zip(file.waivers, node.members["waivers"].node.items, strict=True)):
        if waiver.rule not in known_ids():
            said = unknown(waiver.rule, "rule of audit", tuple(known_ids()))
            place = item.members["rule"].node.place
            why = said.why if said.fix else "imagekit audit --json lists every rule that it looked for"
            yield Diagnostic("IK-AUD-003", said.message, f"waivers[{index}].rule", place, why=why, fix=said.fix)


def waive(
    findings: Iterable[Finding], waivers: Sequence[Waiver], today: date
) -> tuple[tuple[Finding, ...], tuple[StaleWaiver, ...]]:
    """Return the findings, waived or not, and the waivers that let nothing pass. Pure.

    A waiver that has expired lets nothing pass, and is told as expired whether or not it would have.
    """
    valid = [waiver for waiver in waivers if today <= waiver.until]
    used: set[int] = set()
    told = []
    for finding in findings:
        covering = [index for index, waiver in enumerate(valid) if waiver.covers(finding)]
        used.update(covering)
        if covering:
            waiver = valid[covering[0]]
            waived = Waived(reason=waiver.reason, until=waiver.until, place=waiver.place)
            told.append(finding.model_copy(update={"waived": waived}))
        else:
            told.append(finding)
    stale = [_stale(waiver, "expired") for waiver in waivers if waiver.until < today]
    stale += [_stale(waiver, "unused") for index, waiver in enumerate(valid) if index not in used]
    return tuple(told), tuple(stale)


def _stale(waiver: Waiver, state: Literal["expired", "unused"]) -> StaleWaiver:
    return StaleWaiver(rule=waiver.rule, path=waiver.path, place=waiver.place, state=state, until=waiver.until)
