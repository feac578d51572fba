"""``plan``: the same road as ``customize`` on a throw-away overlay; what would change, and nothing is written."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from imagekit.engine.build import Built, Mode, build, wants_network
from imagekit.engine.errors import PlanDiffers, PlanUnreadable
from imagekit.engine.identities import check_names
from imagekit.engine.opened import checked, opened
from imagekit.engine.options import Options
from imagekit.engine.sources import as_spec
from imagekit.events import OnEvent, silent
from imagekit.guest.facts import Facts
from imagekit.images.workspace import Workspace
from imagekit.receipt import IdentityRecord, StepRecord, conceal_ids
from imagekit.steps import make_plan

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imagekit.guest.changes import Change
    from imagekit.spec import Spec


class PlanReport(BaseModel):
    """What a build would change, step by step, in the order that would run."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    version: Literal[1] = 1
    base: str
    """File name of the base."""
    name: str | None = None
    """The spec's name."""
    guest: Facts
    steps: tuple[StepRecord, ...]
    identities: tuple[IdentityRecord, ...] = ()

    @property
    def changes(self) -> int:
        """How many paths would change, counted step by step."""
        return sum(len(step.changes) for step in self.steps)

    @property
    def empty(self) -> bool:
        """Whether nothing would change, volatile steps aside; a step that was left out unseen may change something."""
        return not any(step.changes or step.unseen for step in self.steps if not step.volatile)


def plan(
    base: str | Path,
    spec: Spec | str | Path | Sequence[str | Path],
    *,
    static: bool = False,
    options: Options | None = None,
    on_event: OnEvent = silent,
) -> PlanReport:
    """Apply specs to a throw-away overlay and return what changed, with text diffs; nothing is written.

    Guest programs do run, unless ``static``: then the steps that need them are listed as skipped.

    Raises:
        ImagekitError: whatever ``customize`` would raise for the same arguments.
    """
    settings = options or Options()
    resolved = as_spec(spec)
    check_names(resolved.keep_identity)
    outline = make_plan(resolved)
    appliance = settings.settings(network=settings.network and not static and wants_network(outline))
    with (
        checked(Path(base), settings, on_event) as info,
        Workspace.scratch() as workspace,
        opened(info, workspace, appliance, settings, on_event) as image,
    ):
        mode = Mode(diffs=True, trace=True, static=static)
        built = build(image, outline, resolved.keep_identity, mode, on_event)
    report = PlanReport(
        base=info.path.name,
        name=resolved.name,
        guest=built.facts,
        steps=built.steps,
        identities=built.identities,
    )
    return PlanReport.model_validate_json(conceal_ids(report.model_dump_json(), built.machine_ids))


def read_plan(path: Path) -> PlanReport:
    """Return a plan that was saved.

    Raises:
        PlanUnreadable: it cannot be read, or is no plan.
    """
    try:
        return PlanReport.model_validate_json(path.read_text(encoding="utf-8"))
    except (OSError, ValidationError, UnicodeDecodeError) as error:
        raise PlanUnreadable(path, error) from error


def expect(expected: PlanReport, built: Built) -> None:
    """Make sure that a build did what a plan says, volatile and opaque steps aside.

    Raises:
        PlanDiffers: naming the first differences.
    """
    told = (conceal_ids(step.model_dump_json(), built.machine_ids) for step in built.steps)  # as the plan tells them
    planned, done = _essence(expected.steps), _essence(tuple(map(StepRecord.model_validate_json, told)))
    differences = [
        f"{step} {path}"
        for step, path in sorted(planned.keys() | done.keys())
        if planned.get((step, path)) != done.get((step, path))
    ]
    if differences:
        raise PlanDiffers(tuple(differences))


def _essence(steps: tuple[StepRecord, ...]) -> dict[tuple[str, str], Any]:
    """Return what of each change must come out the same: not times, not diffs."""
    return {
        (step.id, change.path): _what(change)
        for step in steps
        if not (step.volatile or step.opaque)
        for change in step.changes
    }


def _what(change: Change) -> tuple[Any, ...]:
    after = change.after
    return (change.action, after and (after.kind, after.mode, after.uid, after.gid, after.sha256, after.target))
