"""A trial: clones are made, booted twice each, read offline after each boot, and compared."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from imagekit.engine.booting.compare import CloneSight, compare
from imagekit.engine.booting.hardware import Clone, make_clones
from imagekit.engine.booting.logs import keep_logs, log_folder
from imagekit.engine.booting.machines import QemuLab, Wish
from imagekit.engine.booting.outcome import record_of
from imagekit.engine.booting.report import BootRecord, BootReport, CloneRecord, verdict_of
from imagekit.engine.opened import checked, stage
from imagekit.engine.options import Options
from imagekit.errors import ImageError
from imagekit.events import Notice, OnEvent, silent
from imagekit.guest.errors import GuestError
from imagekit.images.info import recheck
from imagekit.images.workspace import Workspace

if TYPE_CHECKING:
    from imagekit.engine.booting.lab import Lab, Template
    from imagekit.engine.booting.sight import Sight
    from imagekit.vm.boot import BootResult

TCG_SECONDS, KVM_SECONDS = 600.0, 180.0
"""How long a boot may take: eight times what Debian needs by emulation on an idle host, and ten times with KVM."""
_MOST_RESTARTS = 2
_BOOTS = (1, 2)


def boot(
    image: str | Path,
    *,
    clones: int = 2,
    seed: bool = True,
    same_hardware: bool = False,
    firmware: Literal["auto", "bios", "uefi"] = "auto",
    timeout: float | None = None,
    keep_serial: str | Path | None = None,
    options: Options | None = None,
    on_event: OnEvent = silent,
) -> BootReport:
    """Boot throw-away clones of an image, twice each, and tell whether they are machines of their own.

    Args:
        image: a qcow2 or raw image; it is only read.
        clones: how many; with one, its identities are held against those of the image alone.
        seed: give each clone a NoCloud seed disk, where the guest has cloud-init.
        same_hardware: give all clones the same MAC, UUID and serial number, and tell what they share for it.
        firmware: ``auto`` for UEFI where the image has an EFI loader and no code for BIOS.
        timeout: seconds that one boot may take; 600 by emulation and 180 with KVM unless said.
        keep_serial: a folder for the log of each boot; None keeps logs of what is not proven, in the user's own folder.
        options: of the appliance; its ``timeout`` is that of everything together.
        on_event: gets progress.

    Raises:
        BadCloneCount: fewer than one clone, or more than sixteen.
        MachineDied: qemu could not run a clone.
        ImagekitError: the image cannot be opened.
    """
    made = make_clones(clones, same_hardware=same_hardware)
    settings = options or Options()
    appliance = settings.settings(network=False)
    with checked(Path(image), settings, on_event) as info, Workspace.scratch() as workspace:
        lab = QemuLab(info, workspace, appliance, settings, Wish(seed, firmware), on_event)
        trial = Trial(lab, made, on_event, timeout=timeout, same_hardware=same_hardware, until=appliance.until)
        report = trial.run(info.path.name, Path(keep_serial) if keep_serial else None)
        recheck(info)
    return report


@dataclass(slots=True)
class Trial:
    """One trial, in a lab.

    Attributes:
        lab: where clones are made, run and read.
        clones: what runs.
        on_event: gets progress.
        timeout: seconds of a boot; None for what the accelerator needs.
        same_hardware: the clones share their hardware.
        until: ``time.monotonic()`` by which everything must have ended, or None.
    """

    lab: Lab
    clones: tuple[Clone, ...]
    on_event: OnEvent = silent
    timeout: float | None = None
    same_hardware: bool = False
    until: float | None = None
    _serial: dict[tuple[str, int], str] = field(default_factory=dict)
    _ids: set[str] = field(default_factory=set, repr=False)

    def run(self, image: str, keep_serial: Path | None = None) -> BootReport:
        """Carry it out, and return what was found."""
        began = time.monotonic()
        template = self.lab.prepare()
        self._ids |= template.sight.machine_ids
        tried = [] if template.mute else [self._try(clone, template) for clone in self.clones]
        records = tuple(record for record, _ in tried)
        sights = tuple(sight for _, sight in tried)
        results = tuple(
            compare(subject, template.sight, sights, same_hardware=self.same_hardware) for subject in template.subjects
        )
        results = results if tried else ()
        verdict = verdict_of(template.mute, records, results)
        if keep_serial or verdict != "passed":
            records = self._with_logs(records, keep_serial or log_folder(image))
        return BootReport(
            image=image,
            guest=template.facts,
            firmware=template.firmware,
            accelerator=template.accelerator,
            same_hardware=self.same_hardware,
            verdict=verdict,
            why=template.mute,
            clones=records,
            identities=results,
            seconds=round(time.monotonic() - began, 1),
        )

    def _try(self, clone: Clone, template: Template) -> tuple[CloneRecord, CloneSight]:
        """Boot a clone twice and look at it after each boot; what did not come up is not booted again."""
        boots: list[BootRecord] = []
        sights: list[Sight | None] = []
        unread = ""
        for number in _BOOTS:
            boots.append(self._boot(clone, number, template))
            if boots[-1].power_off == "unclean":
                unread = "it had to be killed, so its file systems were not cleanly unmounted"
            elif boots[-1].outcome != "undecided":  # what may still have been made would be taken for missing
                sight, unread = self._look(clone)
                sights.append(sight)
            if unread or boots[-1].outcome == "undecided":
                break
        first, second, *_ = *sights, None, None
        record = CloneRecord(name=clone.name, seeded=template.seeded, boots=tuple(boots), unread=unread)
        return record, CloneSight(clone.name, first, second)

    def _boot(self, clone: Clone, number: int, template: Template) -> BootRecord:
        """Boot a clone until it has reported; a guest may restart itself on its way, as some do once."""
        allowed = self._allowed(template)
        how = "by emulation, which takes a minute or two" if template.accelerator == "tcg" else "with KVM"
        results: list[BootResult] = []
        with stage(f"boot {clone.name}, time {number}", self.on_event, f"{how}; at most {allowed:.0f} s"):
            while len(results) <= _MOST_RESTARTS:
                left = allowed - sum(result.seconds for result in results)
                results.append(self.lab.start(clone, template, seconds=max(1.0, left)))
                if results[-1].ended != "reset" or results[-1].report.complete:
                    break
        self._serial[clone.name, number] = "".join(result.serial for result in results)
        self._ids |= {result.report.machine_id for result in results if len(result.report.machine_id) == 32}
        expected = clone.name if template.seeded else ""
        record = record_of(number, results, seconds_allowed=allowed, expected_name=expected)
        if record.why:
            self.on_event(Notice(f"{clone.name}: {record.why}"))
        return record

    def _allowed(self, template: Template) -> float:
        """Return the seconds of a boot: its own limit, or what is left of the whole."""
        usual = KVM_SECONDS if template.accelerator == "kvm" else TCG_SECONDS
        allowed = self.timeout or usual
        return allowed if self.until is None else max(1.0, min(allowed, self.until - time.monotonic()))

    def _look(self, clone: Clone) -> tuple[Sight | None, str]:
        try:
            sight = self.lab.look(clone)
        except (ImageError, GuestError) as error:
            return None, error.message
        self._ids |= sight.machine_ids
        return sight, ""

    def _with_logs(self, clones: tuple[CloneRecord, ...], folder: Path) -> tuple[CloneRecord, ...]:
        """Keep what the clones said, and say where."""
        if not self._serial:
            return clones
        kept = keep_logs(self._serial, folder, frozenset(self._ids))
        self.on_event(Notice(f"the serial logs of the clones are in {folder}"))
        return tuple(
            clone.model_copy(
                update={
                    "boots": tuple(
                        record.model_copy(update={"serial_log": kept.get((clone.name, record.number))})
                        for record in clone.boots
                    )
                }
            )
            for clone in clones
        )
