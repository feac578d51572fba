"""What a trial of clones found, as data. It holds no identity: equality, and marks that mean nothing elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from imagekit.guest.facts import Facts

_CONFIG = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

Outcome = Literal["up", "failed", "undecided"]
PowerOff = Literal["probe", "guest", "acpi", "unclean"]
Judgement = Literal["proven", "equal", "missing", "changed", "hardware", "noted", "unused", "unread"]
Verdict = Literal["passed", "failed", "undecided"]

BAD: frozenset[Judgement] = frozenset({"equal", "missing", "changed"})
"""Judgements by which clones do not match."""


class BootRecord(BaseModel):
    """One boot of one clone."""

    model_config = _CONFIG

    number: int
    """1 for the first boot, 2 for the second."""
    outcome: Outcome
    """``failed``: it came up, and something in it did not."""
    why: str = ""
    """What failed, or why nothing can be said; "" for a boot that is up."""
    power_off: PowerOff
    """Who ended it: the probe; the guest before the probe had reported; its power button (ACPI); or it was killed."""
    seconds: float
    restarts: int = 0
    """How often the guest restarted itself on its way."""
    failed_units: tuple[str, ...] = ()
    failures_known: bool = True
    """Whether the guest's init tells which services failed; System V init does not."""
    hostname: str = ""
    datasource: str = ""
    """Where cloud-init had its data from; "" if it did not run."""
    remarks: tuple[str, ...] = ()
    serial_log: Path | None = None
    """Where the log of the serial line was kept."""


class CloneRecord(BaseModel):
    """One clone."""

    model_config = _CONFIG

    name: str
    seeded: bool = False
    """It had a NoCloud seed disk of its own."""
    boots: tuple[BootRecord, ...] = ()
    unread: str = ""
    """Why its disk could not be read afterwards; "" if it was."""


class CloneMark(BaseModel):
    """An identity in one clone."""

    model_config = _CONFIG

    clone: str
    first: str = ""
    """What it is recognised by after the first boot, in this report alone; "" if there was none."""
    second: str = ""
    """The same after the second boot."""


class IdentityResult(BaseModel):
    """One identity of the catalogue, in all clones."""

    model_config = _CONFIG

    id: str
    title: str
    judgement: Judgement
    """``proven``: there, different in each clone, and the same after the second boot. ``equal``, ``missing`` and
    ``changed`` say what is wrong. ``hardware``: equal since the clones had the same hardware. ``noted``: there, and not
    held against the image whatever it is, for it is no identity that clones must not share. ``unused``: this guest has none.
    ``unread``: no clone could be read."""
    why: str = ""
    in_image: bool = False
    """The image itself holds one."""
    hardware: bool = False
    """It was made of the machine's own identity: of its UUID, its MAC, or of something else that equal machines share."""
    paths: tuple[str, ...] = ()
    """The guest paths that the judgement is about."""
    clones: tuple[CloneMark, ...] = ()


class BootReport(BaseModel):
    """What became of an image's clones."""

    model_config = _CONFIG

    version: Literal[1] = 1
    image: str
    """File name of the image."""
    guest: Facts
    firmware: Literal["bios", "uefi"]
    accelerator: Literal["kvm", "tcg"]
    same_hardware: bool = False
    verdict: Verdict
    """``failed`` wins over ``undecided``: what was found is found."""
    why: str = ""
    """Why no clone was booted at all; "" if they were."""
    clones: tuple[CloneRecord, ...] = ()
    identities: tuple[IdentityResult, ...] = ()
    seconds: float

    @property
    def from_hardware(self) -> tuple[str, ...]:
        """The ids of identities that were made of the hardware."""
        return tuple(each.id for each in self.identities if each.hardware)

    @property
    def findings(self) -> tuple[str, ...]:
        """Everything that is wrong or undecided, one sentence each."""
        boots = (
            f"{clone.name}, boot {record.number}: {record.why}"
            for clone in self.clones
            for record in clone.boots
            if record.outcome != "up"
        )
        unread = (f"{clone.name} could not be read: {clone.unread}" for clone in self.clones if clone.unread)
        wrong = (f"{each.id}: {each.why}" for each in self.identities if each.judgement in BAD)
        return (*([self.why] if self.why else []), *boots, *unread, *wrong)


def verdict_of(why: str, clones: tuple[CloneRecord, ...], identities: tuple[IdentityResult, ...]) -> Verdict:
    """Return what all of it comes to."""
    outcomes = {record.outcome for clone in clones for record in clone.boots}
    if "failed" in outcomes or any(each.judgement in BAD for each in identities):
        return "failed"
    undecided = why or not clones or "undecided" in outcomes or any(clone.unread for clone in clones)
    return "undecided" if undecided else "passed"
