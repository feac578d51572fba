"""The guest-drivers transform."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from imagekit.diagnostics import Problem
from imagekit.system import drivers
from imagekit.system.packages import manager
from imagekit.transform import Transform

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imagekit.guest.facts import Facts
    from imagekit.guest.protocol import Guest

Platform = Literal[
    "kvm",
    "vmware",
    "hyperv",
    "xen",
    "virtualbox",
    "aws",
    "azure",
    "gcp",
    "openstack",
    "proxmox",
    "nutanix",
    "oracle",
]


class GuestDrivers(Transform):
    """Install the agents and have the drivers that the guest needs on each platform."""

    main: ClassVar[str | None] = "platforms"
    example: ClassVar[str] = "guest-drivers: [kvm]"
    opaque: ClassVar[bool] = True

    kind: Literal["guest-drivers"] = "guest-drivers"
    platforms: Annotated[tuple[Platform, ...], Field(min_length=1)]
    """Where the image shall run."""

    @property
    def needs_network(self) -> bool:
        """Whether agents may have to be fetched; what is installed already is not."""
        return True

    def title(self) -> str:
        """Return the platforms."""
        return f"guest-drivers {', '.join(self.platforms)}"

    def check(self, facts: Facts) -> Iterator[Problem]:
        """Yield a Problem for each platform that is not supported yet, and for a family that is not."""
        for position, platform in enumerate(self.platforms):
            if drivers.agent_of(platform, facts.family) is None:
                yield Problem(
                    f"platforms[{position}]",
                    f"{platform} is not supported yet for the {facts.family} family",
                    why=f"supported are {drivers.supported()}",
                    code="IK-DRV-001",
                )

    def apply(self, guest: Guest) -> None:
        """Install each platform's agent, have it start, and look whether the initramfs will hold the drivers."""
        for problem in self.check(guest.facts):
            raise problem
        tool = manager.manager_of(guest.facts)
        for position, platform in enumerate(self.platforms):
            agent = drivers.agent_of(platform, guest.facts.family)
            if agent is None or tool is None:
                raise Problem(f"platforms[{position}]", f"{platform} is not supported yet for this image")
            drivers.check_initramfs(guest, f"platforms[{position}]")
            manager.ensure_installed(guest, tool, (agent.package,))
            drivers.enable(guest, agent)
