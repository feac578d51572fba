"""The warm road: resume a saved appliance, save one first if none fits, and step aside if anything goes wrong."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from imagekit.appliance.accel import KVM_LAUNCH_SECONDS, device_usable
from imagekit.appliance.channel import VerbRefused
from imagekit.appliance.errors import ApplianceDied, LaunchFailed, LaunchTimeout, VerbTimeout
from imagekit.appliance.launching import Attempt, Bench, launch, patience
from imagekit.appliance.recording import CannotSave, record
from imagekit.appliance.states import RecordingBusy, States
from imagekit.events import Notice
from imagekit.process import ToolFailed, ToolMissing

if TYPE_CHECKING:
    from imagekit.appliance.accel import Accelerator, Host, Verdicts
    from imagekit.appliance.session import Disk, Session
    from imagekit.events import OnEvent

WAKE_SECONDS = 9.0
"""How long a saved appliance may take to answer; it takes one or two. After that one boots instead."""
NO_KVM = "KVM is there but does not work on this host; going on with emulation, which is slower"
_WAIT_SECONDS = 60.0
"""How long to wait for another process that saves an appliance: about as long as that takes."""
_SAVING = "saving an appliance in {folder}, so that every later build starts at once; this boots it one more time"


@dataclass(frozen=True, slots=True)
class Warmth:
    """What one session needs to start warm."""

    bench: Bench
    disks: tuple[Disk, ...]
    host: Host
    verdicts: Verdicts
    on_event: OnEvent

    @property
    def states(self) -> States:
        """The saved appliances."""
        return States(self.bench.settings.states)

    def session(self) -> Session | None:
        """Return a resumed session, or None if one has to boot; the user was told why."""
        known = self.verdicts.recall(self.host)
        if known == "tcg" or not device_usable():
            return self._session("tcg", self.bench.settings.launch_seconds)
        if known == "kvm":
            return self._session("kvm", self.bench.settings.launch_seconds)
        try:
            session = self._session("kvm", KVM_LAUNCH_SECONDS)
        except _NoKvm as refused:
            self.verdicts.remember(self.host, "tcg", refused.reason)
            self.on_event(Notice(NO_KVM))
            return self._session("tcg", self.bench.settings.launch_seconds)
        if session is not None:
            self.verdicts.remember(self.host, "kvm", "an appliance came up with it")
        return session

    def _session(self, accelerator: Accelerator, seconds: float) -> Session | None:
        """Resume; record first if there is nothing to resume.

        Raises:
            _NoKvm: to boot one failed, and it was not known before that KVM works.
        """
        try:
            return self._resume(accelerator)
        except (LaunchFailed, LaunchTimeout) as failure:
            answer = self.bench.answer()
            if answer.get("outcome") != "missing":
                self._give_up(answer, failure.message)
                return None
        if not self._record(accelerator, seconds, answer):
            return None
        try:
            return self._resume(accelerator)
        except (LaunchFailed, LaunchTimeout) as failure:
            self._give_up(self.bench.answer(), failure.message)
            return None

    def _resume(self, accelerator: Accelerator) -> Session:
        """Ask the shim for the state that fits. Where there is none yet, libguestfs may have to build its appliance."""
        settings = self.bench.settings
        seconds = WAKE_SECONDS if self.states.keys() else settings.launch_seconds
        return launch(self.bench, Attempt(accelerator, seconds + patience(settings), "resume"), self.disks)

    def _give_up(self, answer: dict[str, str], reason: str) -> None:
        """Forget a state that does not come up, and say in one line that one boots instead."""
        if "key" in answer:
            with contextlib.suppress(OSError):  # in a folder that can only be read it stays, and is refused again
                self.states.drop(answer["key"])
        why = answer.get("why") or reason
        self.on_event(Notice(f"the saved appliance was not used: {why}; starting one afresh, which takes longer"))

    def _record(self, accelerator: Accelerator, seconds: float, answer: dict[str, str]) -> bool:
        """Save an appliance, unless another process has done so in the meantime; tell whether there is one now."""
        key = answer["key"]
        try:
            with self.states.writing(_WAIT_SECONDS):
                if key in self.states:
                    return True
                self.on_event(Notice(_SAVING.format(folder=self.states.folder)))
                record(self.bench, self.disks, accelerator, seconds, Path(answer["root"]), key, self.states)
                self.states.prune()
        except (LaunchFailed, LaunchTimeout) as failure:
            if accelerator == "kvm" and self.verdicts.recall(self.host) is None:
                raise _NoKvm(failure.message) from failure
            self.on_event(Notice(f"no appliance was saved: {failure.message}"))
        except (CannotSave, RecordingBusy, ToolFailed, ToolMissing, VerbRefused, VerbTimeout, ApplianceDied) as failure:
            self.on_event(Notice(f"no appliance was saved: {failure.message}"))
        except OSError as failure:
            self.on_event(Notice(f"no appliance was saved: {failure.strerror or failure}"))
        else:
            return True
        return False


class _NoKvm(Exception):
    """An appliance did not boot with KVM."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)
