"""Labels of SELinux on what a build changed, set once, when all else is done."""

from __future__ import annotations

import platform
from typing import TYPE_CHECKING

from imagekit.engine.opened import stage
from imagekit.events import Notice
from imagekit.steps import can_run
from imagekit.system import selinux

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imagekit.events import OnEvent
    from imagekit.guest.facts import Facts
    from imagekit.guest.protocol import Guest
    from imagekit.receipt import StepRecord

_MARGIN = 2
"""Minutes to look back further than the build took: find(1) counts whole ones."""


def set_labels(guest: Guest, facts: Facts, steps: Sequence[StepRecord], seconds: float, on_event: OnEvent) -> None:
    """Have the guest label what these steps changed; what its programs changed is found by its time.

    Args:
        guest: still mounted.
        facts: its architecture counts.
        steps: what was done.
        seconds: how long that took.
        on_event: gets the stage, or a Notice if the guest cannot.

    Raises:
        CommandFailed: the guest's setfiles failed.
    """
    changed = {change.path for step in steps for change in step.changes if change.action != "removed"}
    commands = any(step.commands for step in steps)
    if not (changed or commands) or not selinux.needs_labels(guest):
        return
    obstacle = selinux.obstacle(guest)
    if not can_run(facts.arch, platform.machine()):
        obstacle = f"its programs are for {facts.arch}"
    if obstacle:
        on_event(
            Notice(
                f"what was changed has no SELinux labels, since this guest cannot set them: {obstacle}; "
                "selinux: {relabel: at-boot} has it do so when it boots"
            )
        )
        return
    with stage("label files", on_event):
        selinux.relabel(guest, changed, minutes=int(seconds // 60) + _MARGIN if commands else 0)
