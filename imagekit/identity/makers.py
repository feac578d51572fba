"""Who makes a new identity where an old one was taken away: what the guest has, or a job of ours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from imagekit.system import units
from imagekit.system.services.init import init_of

if TYPE_CHECKING:
    from imagekit.guest.protocol import Guest
    from imagekit.system.units import Job


@dataclass(frozen=True, slots=True)
class Maker:
    """Who makes a new one.

    Attributes:
        always: one sentence, where it is so on every guest.
        where: shell patterns of what makes one on some guests -> the sentence.
        unless: a shell pattern of what needs the old one: where it is there, nobody makes one that will do.
        job: what we add where nothing makes one.
        program: a shell pattern of the program that the job runs; without it there is no job.
    """

    always: str = ""
    where: tuple[tuple[str, str], ...] = ()
    unless: str = ""
    job: Job | None = None
    program: str = ""

    def returns(self, guest: Guest) -> str:
        """Return who makes a new one at the next boot of this guest as it is, in one sentence; "" if nobody does."""
        if self.unless and guest.glob_expand(self.unless):
            return ""
        if self.always:
            return self.always
        for pattern, sentence in self.where:
            if guest.glob_expand(pattern):
                return sentence
        return f"{self.job.name} makes one at boot" if self.job and _is_started(guest, self.job) else ""

    def adds(self, guest: Guest) -> tuple[str, ...]:
        """Return the names of the jobs that ``ensure`` adds."""
        usable = self.job and guest.facts.init != "unknown" and guest.glob_expand(self.program)
        return (self.job.name,) if self.job and usable and not self.returns(guest) else ()

    def ensure(self, guest: Guest) -> None:
        """Add the job where nothing makes a new one."""
        if self.job and self.adds(guest):
            units.install(guest, self.job)


NOBODY = Maker()
NOT_NEEDED = Maker(always="nothing needs one")
"""Of what is no more than a trace: the guest makes it as it goes, or never again."""
ENROLMENT = Maker(always="whoever enrols the clone gives it one")


def _is_started(guest: Guest, job: Job) -> bool:
    init = init_of(guest.facts)
    return guest.exists(f"{units.SCRIPTS}/{job.name}") and init is not None and init.state(guest, job.name) == "enabled"
