"""The steps of a build, in the order that they run: pure, from a spec and then from the facts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, SkipValidation, field_serializer

from imagekit.diagnostics import Diagnostic, Place, Problem, SpecUnfit
from imagekit.secret import holds_secret
from imagekit.spec import Entry, Origin, Pending, Spec, When, complete
from imagekit.spec.conditions import same_arch
from imagekit.spec.nodes import join, parse_path
from imagekit.transform import Phase, Transform

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imagekit.guest.facts import Facts

_PHASES: tuple[Phase, ...] = ("opening", "content", "closing")
_ALSO_RUNS = {"x86_64": ("i686",)}
_LONGEST_TITLE = 100


class Step(BaseModel):
    """A transform in its place in a plan. What is serialised holds no field of the transform, so no secret either."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    id: str
    """The author's own id, or the kind, with a number if there are several."""
    position: int
    """Place in the order that runs, from 1."""
    kind: str
    title: str
    """One line without secrets."""
    phase: Phase
    volatile: bool = False
    """A second run may change something again."""
    opaque: bool = False
    """It runs guest programs."""
    automatic: bool = False
    """imagekit added it; the spec does not have it."""
    secret: bool = False
    """It is made from a secret, so nothing may be told of the content of what it writes."""
    skipped: str = ""
    """Why it does not run on this guest; "" if it runs."""
    field: str = ""
    """Its path in the spec, ``transforms[2]``."""
    place: Place | None = None
    """Where it stands in the author's file; None for specs made in Python."""
    when: When | None = None
    """The guests that it is for; None for all."""
    held: Annotated[Any, SkipValidation] = Field(default=None, exclude=True, repr=False)
    origin: Annotated[Any, SkipValidation] = Field(default=None, exclude=True, repr=False)

    @field_serializer("place")
    def _without_text(self, place: Place | None) -> dict[str, str | int] | None:
        """The author's line stays out: a value that should have been a secret may stand in it."""
        return {"file": place.file, "line": place.line, "column": place.column} if place else None

    @property
    def transform(self) -> Transform:
        """The transform to check and apply.

        Raises:
            TypeError: it waits for facts, and the plan was not resolved.
        """
        if not isinstance(self.held, Transform):
            raise TypeError(f"step {self.id} has no transform before the plan is resolved")
        return self.held


class Outline(BaseModel):
    """The steps of a build in the order that they run."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str | None = None
    steps: tuple[Step, ...] = ()

    @property
    def running(self) -> tuple[Step, ...]:
        """The steps that run on this guest."""
        return tuple(step for step in self.steps if not step.skipped)


def make_plan(spec: Spec) -> Outline:
    """Return the steps of a spec in the order that they run: opening, content, closing."""
    ids = _ids(spec.transforms)
    numbered = sorted(enumerate(spec.transforms), key=lambda pair: (*_rank(pair[1].kind), pair[0]))
    steps = (_step(entry, ids[index], index, position) for position, (index, entry) in enumerate(numbered, 1))
    return Outline(name=spec.name, steps=tuple(steps))


def resolve(outline: Outline, facts: Facts, host_arch: str) -> Outline:
    """Return the plan for one guest: steps that are not for it skipped, facts filled in, everything checked.

    Args:
        outline: as ``make_plan`` made it.
        facts: what inspection learnt of the guest.
        host_arch: the architecture whose programs the appliance can run, as ``uname -m`` says it.

    Raises:
        SpecUnfit: with every problem of every step that would run.
    """
    steps: list[Step] = []
    problems: list[Diagnostic] = []
    reasons = [step.when.mismatch(facts) if step.when else "" for step in outline.steps]
    kinds = frozenset(step.kind for step, reason in zip(outline.steps, reasons, strict=True) if not reason)
    for step, reason in zip(outline.steps, reasons, strict=True):
        if reason:
            steps.append(step.model_copy(update={"skipped": reason}))
            continue
        ready, wrong = _completed(step, facts, kinds)
        steps.append(ready)
        problems += wrong or [diagnose(ready, problem) for problem in _problems(ready, facts, host_arch)]
    if problems:
        raise SpecUnfit(tuple(problems))
    return outline.model_copy(update={"steps": tuple(steps)})


def diagnose(step: Step, problem: Problem) -> Diagnostic:
    """Return what a transform objects to as a diagnostic at the place of the field in the author's file."""
    place = step.origin.locate(problem.field) if isinstance(step.origin, Origin) else step.place
    field = join(step.field, parse_path(problem.field))
    return Diagnostic(problem.code, problem.message, field, place, why=problem.why, fix=problem.fix)


def can_run(guest_arch: str, host_arch: str) -> bool:
    """Tell whether a host runs a guest's programs; one whose architecture is unknown is given the benefit of doubt."""
    guest, host = same_arch(guest_arch), same_arch(host_arch)
    return guest in (host, "unknown") or guest in _ALSO_RUNS.get(host, ())


def _rank(kind: type[Transform]) -> tuple[int, int]:
    return _PHASES.index(kind.phase), kind.order if kind.phase == "closing" else 0


def _ids(entries: tuple[Entry, ...]) -> list[str]:
    """Return an id for each entry: the author's, or the kind, with a number from the second one on."""
    taken = {entry.id for entry in entries if entry.id}
    ids = []
    for entry in entries:
        name, number = entry.id or entry.kind_name, 1
        while not entry.id and name in taken:
            number += 1
            name = f"{entry.kind_name}-{number}"
        taken.add(name)
        ids.append(name)
    return ids


def _step(entry: Entry, name: str, index: int, position: int) -> Step:
    step = Step(
        id=name,
        position=position,
        kind=entry.kind_name,
        title=entry.kind_name,
        phase=entry.kind.phase,
        opaque=entry.kind.opaque is True,
        field=entry.origin.field if entry.origin else f"transforms[{index}]",
        place=entry.place,
        when=entry.when,
        held=entry.transform,
        origin=entry.origin,
    )
    return _described(step, entry.transform) if isinstance(entry.transform, Transform) else step


def _described(step: Step, transform: Transform) -> Step:
    """Return the step with what its transform says of itself."""
    title = " ".join(transform.title().split())
    return step.model_copy(
        update={
            "title": title if len(title) <= _LONGEST_TITLE else f"{title[: _LONGEST_TITLE - 1]}…",
            "volatile": transform.volatile,
            "opaque": transform.opaque,
            "secret": holds_secret(transform),
            "held": transform,
        }
    )


def _completed(step: Step, facts: Facts, kinds: frozenset[str]) -> tuple[Step, list[Diagnostic]]:
    """Return the step with the facts filled into its transform, beside the others, or what is wrong with them."""
    if not isinstance(step.held, Pending):
        return step.model_copy(update={"held": step.transform.beside(kinds)}), []
    transform, problems = complete(step.held, step.origin, facts)
    return (step if transform is None else _described(step, transform.beside(kinds))), list(problems)


def _problems(step: Step, facts: Facts, host_arch: str) -> Iterator[Problem]:
    if step.opaque and not can_run(facts.arch, host_arch):
        yield Problem(
            "",
            f"{step.kind} needs programs of the guest, which is {facts.arch}, and this host cannot run them",
            why=f"the host is {host_arch}; only kinds that write files work on a foreign architecture",
            fix=f"build on a host that is {facts.arch}, or beside the kind write: when: {{arch: {host_arch}}}",
            code="IK-FIT-002",
        )
    try:
        yield from step.transform.check(facts)
    except Problem as problem:
        yield problem
