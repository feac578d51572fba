"""A trial of clones, for a person: a table of boots, a table of identities, and what it comes to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagekit.engine.booting.report import BAD
from imagekit.wording import many, seconds
from imagekit_cli.lines import Line, Style, columns

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imagekit.engine.booting.report import BootRecord, BootReport, IdentityResult

_STYLES: dict[str, Style] = {"up": "good", "failed": "bad", "undecided": "changed"}
_VERDICTS: dict[str, tuple[str, Style]] = {
    "passed": ("passed: every identity came back, differs between clones and stays", "good"),
    "failed": ("failed", "bad"),
    "undecided": ("undecided: nothing is proven", "changed"),
}
_ENDS = {"probe": "by the probe", "guest": "by itself", "acpi": "power button", "unclean": "killed, unclean"}
_TOLD = frozenset({"proven", "equal", "missing", "changed", "hardware", "unread"})
_NO, _YES = "NO", "yes"


def boot_lines(report: BootReport) -> Iterator[Line]:
    """Yield what was booted, how each boot went, what became of each identity, and the verdict."""
    how = f"{report.firmware.upper()}, {report.accelerator}" + (", the same hardware" if report.same_hardware else "")
    name = report.guest.name or report.guest.distro
    yield Line(f"{report.image}: {name}; {many(len(report.clones), 'clone')}, {how}", "head")
    yield from _boots(report)
    yield from _identities(report)
    yield Line("")
    text, style = _VERDICTS[report.verdict]
    if report.verdict == "passed" and len(report.clones) == 1:
        text = "passed: every identity came back, is not the image's and stays; one clone has none to differ from"
    yield Line(text, style)
    for finding in report.findings:
        yield Line(f"  {finding}", style)
    if report.from_hardware:
        yield Line(f"from the hardware: {', '.join(report.from_hardware)}; give each clone a UUID and a MAC of its own")
    for path in (record.serial_log for clone in report.clones for record in clone.boots):
        if path:
            yield Line(f"serial log: {path}", "place")


def _boots(report: BootReport) -> Iterator[Line]:
    records = [(clone.name, record) for clone in report.clones for record in clone.boots]
    if not records:
        return
    rows = [
        ("clone", "boot", "result", "off", "took", "failed units", "host name"),
        *(_boot(*each) for each in records),
    ]
    styles: list[Style] = ["dim", *(_STYLES[record.outcome] for _, record in records)]
    yield Line("")
    for text, style in zip(columns(rows), styles, strict=True):
        yield Line(text, style)
    for clone, record in records:
        for remark in record.remarks:
            yield Line(f"  note: {clone}, boot {record.number}: {remark}", "changed")


def _boot(clone: str, record: BootRecord) -> tuple[str, ...]:
    failed = ", ".join(record.failed_units) or ("none" if record.failures_known else "not known")
    return (
        clone,
        str(record.number),
        record.outcome,
        _ENDS[record.power_off],
        seconds(record.seconds),
        "-" if record.outcome == "undecided" else failed,
        record.hostname or "-",
    )


def _identities(report: BootReport) -> Iterator[Line]:
    told = [each for each in report.identities if each.judgement in _TOLD]
    if not told:
        return
    rows = [("identity", "in image", "came back", "differs", "stays", "marks"), *map(_identity, told)]
    styles: list[Style] = ["dim", *(_style(each) for each in told)]
    yield Line("")
    for text, style in zip(columns(rows), styles, strict=True):
        yield Line(text, style)
    noted = [each.id for each in report.identities if each.judgement == "noted"]
    if noted:
        yield Line(f"there, and no identity that clones must not share: {', '.join(noted)}", "dim")


def _identity(each: IdentityResult) -> tuple[str, ...]:
    differs = {"equal": _NO, "hardware": "not with this hardware"}.get(each.judgement, _YES)
    known = each.judgement not in {"missing", "unread"}
    return (
        each.id,
        _YES if each.in_image else "no",
        _NO if each.judgement == "missing" else _YES if known else "-",
        differs if known else "-",
        _stays(each),
        " ".join((mark.second or mark.first)[:8] or "-" for mark in each.clones),
    )


def _stays(each: IdentityResult) -> str:
    """Say whether it was the same after the second boot; what may be renewed is proven all the same."""
    if each.judgement == "changed":
        return _NO
    twice = [(mark.first, mark.second) for mark in each.clones if mark.first and mark.second]
    if each.judgement != "proven" or not twice:
        return "-"
    return _YES if all(first == second for first, second in twice) else "renewed"


def _style(each: IdentityResult) -> Style:
    if each.judgement in BAD:
        return "bad"
    return "good" if each.judgement == "proven" else "changed"
