"""What a trial asks of the place where clones are made, run and read: so that it can be tried without any machine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from imagekit.engine.booting.compare import Subject
    from imagekit.engine.booting.hardware import Clone
    from imagekit.engine.booting.sight import Sight
    from imagekit.guest.facts import Facts
    from imagekit.vm.boot import BootResult

Firmware = Literal["bios", "uefi"]


@dataclass(frozen=True, slots=True)
class Template:
    """The image that clones are made of, as it was found.

    Attributes:
        facts: of its guest.
        sight: what it holds of identities itself.
        subjects: what is to be judged in its clones.
        firmware: what the clones are booted by.
        accelerator: KVM only where an appliance has just come up with it.
        seeded: each clone gets a NoCloud seed.
        mute: why no probe could be put into it; "" if one was.
    """

    facts: Facts
    sight: Sight
    subjects: tuple[Subject, ...]
    firmware: Firmware
    accelerator: Literal["kvm", "tcg"]
    seeded: bool = False
    mute: str = ""


class Lab(Protocol):
    """Makes, runs and reads throw-away clones of one image, which is never written to."""

    def prepare(self) -> Template:
        """Look at the image, and put the probe into an overlay that all clones share."""
        ...

    def start(self, clone: Clone, template: Template, *, seconds: float) -> BootResult:
        """Run a clone until it is off, at most so long; its disk is made at its first start."""
        ...

    def look(self, clone: Clone) -> Sight:
        """Look at a clone's disk offline; ImageError if its file systems cannot be read."""
        ...
