"""Apply the steps of a resolved plan through one journal."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from imagekit.appliance import snapshot
from imagekit.diagnostics import Problem, SpecUnfit
from imagekit.engine import identities
from imagekit.engine.errors import StepFailed
from imagekit.errors import StepError
from imagekit.events import Notice, StepFinished, StepStarted
from imagekit.guest.errors import GuestError
from imagekit.identity.catalogue import load_catalogue
from imagekit.identity.copies import copies_of, kernels_with
from imagekit.receipt import StepRecord
from imagekit.steps import Step, diagnose
from imagekit.system.initramfs import rebuild as initramfs

if TYPE_CHECKING:
    from collections.abc import Callable

    from imagekit.appliance.session import Session
    from imagekit.events import OnEvent
    from imagekit.guest.changes import Change
    from imagekit.guest.journal import JournaledGuest
    from imagekit.identity.item import Item


@dataclass(frozen=True, slots=True)
class Applier:
    """How steps are applied.

    Attributes:
        journal: the guest, recording.
        session: for looking at the whole tree around opaque steps.
        on_event: gets StepStarted and StepFinished.
        trace: compare the tree before and after opaque steps.
        static: leave out steps that run guest programs.
        witness: remembers the identities that the guest had on the way.
    """

    journal: JournaledGuest
    session: Session
    on_event: OnEvent
    trace: bool = False
    static: bool = False
    witness: identities.Witness = field(default_factory=identities.Witness)

    def run(self, steps: tuple[Step, ...], total: int) -> tuple[StepRecord, ...]:
        """Apply each step that is not skipped, in order."""
        return tuple(self._step(step, total) for step in steps)

    def reset(self, item: Item, position: int, total: int) -> StepRecord:
        """Reset an identity that the build brought, as a step of its own."""
        step = Step(
            id=f"reset-{item.id}",
            position=position,
            kind="reset",
            title=f"reset {item.title}, which this build brought",
            phase="closing",
            automatic=True,
        )
        spare = self.spared()
        return self._apply(step, total, lambda: item.reset(self.journal, spare))

    def may_reset(self, item: Item) -> bool:
        """Tell whether somebody would make anew what the build brought; what nobody would is left, and told."""
        if item.returns(self.journal) or item.adds(self.journal):
            return True
        self.on_event(Notice(f"this build brought the {item.title}, and left it: nothing would make a new one"))
        return False

    def spared(self) -> frozenset[str]:
        """Return the paths that no reset of imagekit's own accord touches: what a step of the spec wrote there."""
        return frozenset(self.journal.held)

    def rebuild(self, kernels: tuple[str, ...], position: int) -> StepRecord:
        """Make the initramfs of these kernels anew, as a step of its own: for any machine, since that copies nothing."""
        step = Step(
            id="rebuild-initramfs",
            position=position,
            kind="initramfs",
            title="rebuild the initramfs, which held a copy of an identity",
            phase="closing",
            opaque=True,
            automatic=True,
        )
        if self.static:
            return _left_out(step)
        return self._apply(step, position, lambda: initramfs.rebuild(self.journal, kernels, generic=True))

    def _step(self, step: Step, total: int) -> StepRecord:
        if step.skipped:
            return _record(step)
        if self.static and step.opaque:
            return _left_out(step)
        resets, spared = step.transform.resets, self.spared()
        if resets:
            self.witness.look(self.journal, resets)
        record = self._apply(step, total, lambda: step.transform.apply(self.journal))
        if resets:
            self.witness.see_reset(self.journal, resets, partial=step.transform.partial, spared=spared)
        if step.phase == "content" and not step.opaque:
            held = self.journal.held.items()
            self.witness.see_written(self.journal, (path for path, by in held if by == step.id))
        remarks = tuple(step.transform.remarks(self.journal))
        for remark in remarks:
            self.on_event(Notice(f"{step.title}: {remark}"))
        return record.model_copy(update={"remarks": remarks})

    def _apply(self, step: Step, total: int, action: Callable[[], object]) -> StepRecord:
        self.on_event(StepStarted(step.position, total, step.kind, step.title))
        began = time.monotonic()
        traced = self.trace and step.opaque
        before = snapshot.take(self.session) if traced else {}
        self.journal.begin(step.id, secret=step.secret)
        try:
            action()
        except Problem as problem:
            raise SpecUnfit((diagnose(step, problem),)) from problem
        except StepError as error:
            raise StepFailed(step, error) from error
        changes = self.journal.end()
        if traced:
            changes = self._merge(step, changes, snapshot.compare(before, snapshot.take(self.session), self._digest))
        seconds = time.monotonic() - began
        self.on_event(StepFinished(step.position, step.kind, seconds, len(changes)))
        commands = self.journal.commands_run
        return _record(step).model_copy(
            update={"seconds": round(seconds, 3), "changes": changes, "traced": traced, "commands": commands}
        )

    def _digest(self, path: str) -> str | None:
        try:
            return self.journal.sha256(path)
        except GuestError:
            return None

    def _merge(self, step: Step, noted: tuple[Change, ...], seen: tuple[Change, ...]) -> tuple[Change, ...]:
        """Add what was only seen by looking at the tree to what the journal noted; the journal knows more."""
        known = {change.path for change in noted}
        added = (
            change.concealed() if step.secret or self.journal.conceals(change.path) else change
            for change in seen
            if change.path not in known
        )
        return tuple(sorted((*noted, *added), key=lambda change: change.path))


def _record(step: Step) -> StepRecord:
    return StepRecord(
        id=step.id,
        position=step.position,
        kind=step.kind,
        title=step.title,
        phase=step.phase,
        automatic=step.automatic,
        opaque=step.opaque,
        volatile=step.volatile,
        secret=step.secret,
        skipped=step.skipped,
    )


def _left_out(step: Step) -> StepRecord:
    reason = "it runs guest programs, and --static runs none"
    return _record(step).model_copy(update={"skipped": reason, "unseen": True})


def apply_all(
    applier: Applier, steps: tuple[Step, ...], base: identities.Found, keep: tuple[str, ...]
) -> tuple[tuple[StepRecord, ...], identities.Found]:
    """Apply all steps, then reset what the build brought, then look at every identity again.

    Returns:
        What each step did, and where identities are in the end.

    Raises:
        SpecUnfit, StepFailed: a step does not fit, or failed.
        IdentityCameBack: what was reset is there again.
    """
    journal, witness = applier.journal, applier.witness
    records = list(applier.run(steps, len(steps)))
    now = witness.look_last(journal)
    spared = applier.spared()
    brought = tuple(filter(applier.may_reset, identities.appeared(base, now, held=spared, keep=keep)))
    total = len(steps) + len(brought)
    for position, item in enumerate(brought, len(steps) + 1):
        records.append(applier.reset(item, position, total))
    partly = witness.partly | {item.id for item in brought}
    rebuilt = _clear_copies(applier, witness.blank | partly & witness.seen, len(records) + 1)
    if brought or rebuilt:
        now = witness.look_last(journal)
    identities.check_blank(now, witness.blank)
    identities.check_blank(now, partly - witness.blank, spared)
    return witness.concealing([*records, *rebuilt]), now


def _clear_copies(applier: Applier, reset: set[str], position: int) -> tuple[StepRecord, ...]:
    """Rebuild each initramfs that holds a copy of an identity that was reset; () if none does.

    Raises:
        IdentityCameBack: a copy is still there afterwards.
    """
    items = [item for item in load_catalogue() if item.id in reset]
    found = copies_of(applier.journal, items)
    if not found:
        return ()
    record = applier.rebuild(kernels_with(applier.journal, found), position)
    if not record.skipped:
        identities.check_blank(copies_of(applier.journal, items), reset)
    return (record,)
