"""What is known of a platform, as data: its drivers, its agent in each distribution, its console."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from imagekit.guest.facts import Facts


@dataclass(frozen=True, slots=True)
class Agent:
    """A platform's agent in one distribution or family.

    Attributes:
        package: its name there.
        services: what starts it, the names that its versions have had; () where nothing has to run.
        packaged: whether the distribution's own repositories have it. If not, it is known by the name that its
            vendor gives it, and taken from a folder only.
        variants: other packages that are the same agent.
        remnants: packages that go with it when it is removed.
        needed_by: packages that would be removed with it; where one of them is installed it is left alone.
    """

    package: str
    services: tuple[str, ...] = ()
    packaged: bool = True
    variants: tuple[str, ...] = ()
    remnants: tuple[str, ...] = ()
    needed_by: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Every package of it."""
        return (self.package, *self.variants, *self.remnants)


@dataclass(frozen=True, slots=True)
class Drivers:
    """The kernel modules of a platform.

    Attributes:
        disk: groups; of each a kernel must have one at least, and all that it has belong into its initramfs.
        early: modules that belong there too where the kernel has them.
        network: groups; of each a kernel must have one at least. They are loaded from the root file system.
        useful: modules that are missed where the kernel lacks them, though the guest starts without.
    """

    disk: tuple[tuple[str, ...], ...]
    early: tuple[str, ...] = ()
    network: tuple[tuple[str, ...], ...] = ()
    useful: tuple[str, ...] = ()

    @property
    def initramfs(self) -> tuple[str, ...]:
        """What belongs into the initramfs, as far as the kernel has it."""
        return (*(name for group in self.disk for name in group), *self.early)


@dataclass(frozen=True, slots=True)
class Console:
    """Where a platform shows what a kernel says, beside the screen.

    Attributes:
        devices: the terminal by architecture as ``uname -m`` says it; none on those that are not named.
        arguments: more kernel arguments that its console takes.
        verbose: take away what silences the kernel, since that console is all there is to look at.
    """

    devices: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    arguments: tuple[str, ...] = ()
    verbose: bool = False


@dataclass(frozen=True, slots=True)
class Platform:
    """A place where an image may run.

    Attributes:
        title: what people call it.
        arches: the architectures that it runs, as ``uname -m`` says them; () for all.
        agents: the agent by distribution or family, the distribution's own entry before its family's; None says
            that there is none, although the family has one.
    """

    title: str
    drivers: Drivers
    arches: tuple[str, ...] = ()
    agents: Mapping[str, Agent | None] = field(default_factory=lambda: MappingProxyType({}))
    console: Console = field(default_factory=Console)

    def agent_for(self, facts: Facts) -> Agent | None:
        """Return the agent that this guest would have; None if there is none for its distribution."""
        return self.agents.get(facts.distro, self.agents.get(facts.family))

    def runs(self, arch: str) -> bool:
        """Tell whether the platform runs an architecture; one that is not known is given the benefit of doubt."""
        return not self.arches or arch == "unknown" or arch in self.arches
