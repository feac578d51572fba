"""The record of what was done: written last, beside the output; it is the commit mark."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from imagekit.guest.changes import Change
from imagekit.guest.facts import Facts

_CONFIG = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Versions(BaseModel):
    """What the work was done with."""

    model_config = _CONFIG

    imagekit: str
    libguestfs: str
    python: str


class ImageRecord(BaseModel):
    """One image file."""

    model_config = _CONFIG

    name: str
    """File name, without its folder."""
    format: str
    size: int
    """Bytes of the file."""
    virtual_size: int
    """Bytes of the disk."""
    sha256: str


class SourceRecord(BaseModel):
    """A spec file that was read."""

    model_config = _CONFIG

    file: str
    sha256: str


class StepRecord(BaseModel):
    """What one step did."""

    model_config = _CONFIG

    id: str
    position: int
    kind: str
    title: str
    phase: str
    automatic: bool = False
    """imagekit added it: an identity that the build brought was reset."""
    opaque: bool = False
    """It ran guest programs; what those changed is in ``changes`` only if ``traced``."""
    volatile: bool = False
    """A second run may change something again."""
    secret: bool = False
    """It was made from a secret, so its changes carry no digest."""
    skipped: str = ""
    """Why it did not run; "" if it ran."""
    unseen: bool = False
    """It was left out since it runs guest programs, so what it would change is not known."""
    traced: bool = False
    """The tree was compared before and after."""
    commands: int = 0
    """How many guest programs it ran."""
    seconds: float = 0.0
    changes: tuple[Change, ...] = ()
    remarks: tuple[str, ...] = ()
    """What the author should know of the result."""


class ApplianceRecord(BaseModel):
    """The appliance that did it."""

    model_config = _CONFIG

    accelerator: Literal["kvm", "tcg"]
    warm: bool = False
    """It was resumed from a saved one instead of booted."""
    launch_seconds: float
    memory: int
    cpus: int


class IdentityRecord(BaseModel):
    """An identity of the catalogue, as it is in the result."""

    model_config = _CONFIG

    id: str
    state: Literal["blank", "present"]
    involved: bool = True
    """The guest had one at some time of the build; the others were only looked for."""
    returns: str = ""
    """Who makes a new one at the next boot, for those that are blank."""
    recognised: str = ""
    """What a machine-id that is present is recognised by: the id derived from it for imagekit alone, by which nobody
    finds the machine-id itself (``imagekit.machine_id.app_specific``)."""


class Receipt(BaseModel):
    """What came in, what was done, what came out. It never holds a machine-id, a key or a secret."""

    model_config = _CONFIG

    version: Literal[1] = 1
    versions: Versions
    started: datetime
    seconds: float
    base: ImageRecord
    sources: tuple[SourceRecord, ...] = ()
    """The spec files, in the order in which they were given and included."""
    spec: dict[str, Any]
    """The resolved spec, secrets by their names."""
    guest: Facts
    steps: tuple[StepRecord, ...]
    identities: tuple[IdentityRecord, ...] = ()
    inputs: str = ""
    """Digest of all that went in: base, spec and variables, host files, form of the output, version of imagekit."""
    appliance: ApplianceRecord
    timings: dict[str, float] = Field(default_factory=dict, description="Seconds by stage.")
    output: ImageRecord | None = None
    """The image that came out; null in what was not published."""

    def text(self, machine_ids: frozenset[str] = frozenset()) -> str:
        """Return the receipt as JSON, with every known machine-id replaced by ``{machine-id}``."""
        return conceal_ids(self.model_dump_json(indent=2) + "\n", machine_ids)


def conceal_ids(text: str, machine_ids: frozenset[str]) -> str:
    """Replace machine-ids, dashed or not, in either case: machine-id(5) asks to keep them confidential."""
    for machine_id in machine_ids:
        dashed = "-".join((machine_id[:8], machine_id[8:12], machine_id[12:16], machine_id[16:20], machine_id[20:]))
        text = re.sub(f"{machine_id}|{dashed}", "{machine-id}", text, flags=re.IGNORECASE)
    return text
