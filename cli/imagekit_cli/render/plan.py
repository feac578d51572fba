"""A plan for a person: each step, and below it every path that it would change."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from imagekit.wording import many
from imagekit_cli.lines import Line, Style

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imagekit.engine.planning import PlanReport
    from imagekit.guest.changes import Change, FileState
    from imagekit.receipt import StepRecord

_MARKS: dict[str, tuple[str, Style]] = {
    "created": ("+", "good"),
    "changed": ("~", "changed"),
    "removed": ("-", "bad"),
}
_DIFF_STYLES: dict[str, Style] = {"+": "good", "-": "bad", "@": "place"}


def plan_lines(report: PlanReport, *, diffs: bool) -> Iterator[Line]:
    """Yield the plan, with text diffs if wanted; the last line counts."""
    name = f" by {report.name}" if report.name else ""
    yield Line(f"{report.base}{name}: {report.guest.name or report.guest.distro}", "head")
    for step in report.steps:
        yield from _step_lines(step, diffs=diffs)
    yield Line("")
    yield _last_line(report)


def _step_lines(step: StepRecord, *, diffs: bool) -> Iterator[Line]:
    marks = [
        *(["~ every run may change something"] if step.volatile else []),
        *(["runs guest programs"] if step.opaque else []),
        *(["made from a secret"] if step.secret else []),
        *(["added by imagekit"] if step.automatic else []),
    ]
    told = f"  ({', '.join(marks)})" if marks else ""
    yield Line("")
    yield Line(f"step {step.position}  {step.title}{told}", "head")
    if step.skipped:
        yield Line(f"  skipped: {step.skipped}", "dim")
    elif not step.changes:
        yield Line("  nothing would change", "dim")
    for remark in step.remarks:
        yield Line(f"  note: {remark}", "changed")
    for change in step.changes:
        mark, style = _MARKS[change.action]
        yield Line(f"  {mark} {change.path}{_details(change)}", style)
        if diffs and change.diff:
            yield from _diff_lines(change.diff)


def _details(change: Change) -> str:
    before, after = change.before, change.after
    if after is None:
        return ""
    parts = [_target(after)] if before is None or before.target != after.target else []
    if before is None:
        parts += ["directory"] if after.kind == "directory" else []
        parts += [] if after.kind == "symlink" else [f"mode {after.mode:04o}"]
        parts += [f"owner {after.uid}:{after.gid}"] if (after.uid, after.gid) != (0, 0) else []
    else:
        parts += _differences(before, after)
    parts += [f"attributes {' '.join(change.attributes)}"] if change.attributes else []
    return "".join(f"  {part}" for part in parts if part)


def _target(state: FileState) -> str:
    return f"-> {state.target}" if state.target else ""


def _differences(before: FileState, after: FileState) -> list[str]:
    found = []
    if before.kind != after.kind:
        found.append(f"{before.kind} becomes {after.kind}")
    if before.mode != after.mode and after.kind != "symlink":
        found.append(f"mode {before.mode:04o} becomes {after.mode:04o}")
    if (before.uid, before.gid) != (after.uid, after.gid):
        found.append(f"owner {before.uid}:{before.gid} becomes {after.uid}:{after.gid}")
    return found


def _diff_lines(diff: str) -> Iterator[Line]:
    for text in diff.rstrip("\n").split("\n"):
        heading = text.startswith(("--- ", "+++ "))
        yield Line(f"      {text}", "dim" if heading else _DIFF_STYLES.get(text[:1], ""))


def _last_line(report: PlanReport) -> Line:
    counts = Counter(change.action for step in report.steps for change in step.changes)
    skipped = sum(1 for step in report.steps if step.skipped)
    volatile = sum(1 for step in report.steps if step.volatile and not step.skipped)
    told = f"{counts['created']} to create, {counts['changed']} to change, {counts['removed']} to remove"
    tail = f" in {many(len(report.steps), 'step')}"
    tail += f", {skipped} of them skipped" if skipped else ""
    tail += f"; {many(volatile, 'step')} marked ~ may change something at every run" if volatile else ""
    if not sum(counts.values()):
        return Line(f"nothing would change{tail}", "head")
    return Line(told + tail, "head")
