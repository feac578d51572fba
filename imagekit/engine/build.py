"""The part that customize and plan share: from an open image to a guest with every step applied and checked."""

from __future__ import annotations

import platform
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from imagekit.engine import identities
from imagekit.engine.apply import Applier, apply_all
from imagekit.engine.errors import BootFull, ResultBroken
from imagekit.engine.labels import set_labels
from imagekit.engine.opened import stage
from imagekit.guest.facts import Facts, read_facts
from imagekit.guest.journal import JournaledGuest
from imagekit.spec import Pending
from imagekit.steps import Outline, resolve
from imagekit.system.boot import complaints

if TYPE_CHECKING:
    from collections.abc import Iterable

    from imagekit.engine.opened import Opened
    from imagekit.events import OnEvent
    from imagekit.receipt import IdentityRecord, StepRecord

_LEAST_FREE_IN_BOOT = 64 << 10


@dataclass(frozen=True, slots=True)
class Mode:
    """How a build is looked at: text diffs, opaque steps traced, or no guest programs at all."""

    diffs: bool = False
    trace: bool = False
    static: bool = False


@dataclass(frozen=True, slots=True)
class Built:
    """A guest with every step applied."""

    facts: Facts
    steps: tuple[StepRecord, ...]
    identities: tuple[IdentityRecord, ...]
    machine_ids: frozenset[str]


def wants_network(outline: Outline) -> bool:
    """Tell whether any step may need the network, before the facts are known."""
    return any(isinstance(step.held, Pending) or step.transform.needs_network for step in outline.steps)


def build(opened: Opened, outline: Outline, keep: Iterable[str], mode: Mode, on_event: OnEvent) -> Built:
    """Check all steps against the guest, then apply all; the guest is still mounted afterwards.

    Raises:
        SpecUnfit: the spec is not for this image; nothing was applied unless a late check failed.
        StepFailed, IdentityCameBack, ResultBroken, BootFull: a step, or their sum, went wrong.
    """
    guest = opened.guest
    with stage("check steps", on_event):
        facts = guest.facts
        plan = resolve(outline, facts, platform.machine())
        base = identities.look(guest)
        secret_ids = identities.machine_ids(guest)
        wrong_before = complaints(guest, facts.kernels)
    conceal = identities.Concealment(base)
    journal = JournaledGuest(guest, conceal=conceal, keep_text=mode.diffs)
    applier = Applier(journal, opened.session, on_event, trace=mode.trace, static=mode.static)
    began = time.monotonic()
    records, identities_now = apply_all(applier, plan.steps, base, tuple(keep))
    if not mode.static:
        set_labels(journal, facts, records, time.monotonic() - began, on_event)
    with stage("check result", on_event):
        check_boot(opened, facts, wrong_before)
        involved = applier.witness.seen | {name for name, paths in base.items() if paths}
        found = identities.records(journal, identities_now, involved)
        secret_ids |= applier.witness.machine_ids | identities.machine_ids(guest)
    return Built(facts, records, found, secret_ids)


def check_boot(opened: Opened, before: Facts, wrong_before: tuple[str, ...]) -> None:
    """Make sure that the guest starts as well as it did: kernels with initramfs and boot entry, room in /boot.

    Raises:
        ResultBroken: something is missing that was not missing in the base.
        BootFull: nothing fits into /boot any more.
    """
    after = read_facts(opened.guest)
    found = list(complaints(opened.guest, after.kernels))
    if before.kernels and not after.kernels:
        found.append("no kernel is left")
    if before.boot_loader != "none" and after.boot_loader == "none":
        found.append("no boot entries are left")
    new = tuple(complaint for complaint in found if complaint not in wrong_before)
    if new:
        raise ResultBroken(new)
    if any(mount.mountpoint == "/boot" for mount in opened.layout.mounts):
        room = opened.session.call("statvfs", "/boot")
        free = room["bavail"] * room["bsize"]
        if free < _LEAST_FREE_IN_BOOT:
            raise BootFull(free)
