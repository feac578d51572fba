"""The guest-drivers transform."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from imagekit.diagnostics import Problem
from imagekit.system.drivers import agents, consoles, modules
from imagekit.system.drivers.platforms import PLATFORMS
from imagekit.system.packages import folder, manager
from imagekit.system.packages.folder import PathOrPackageFolder
from imagekit.transform import Transform

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imagekit.guest.facts import Facts
    from imagekit.guest.protocol import Guest
    from imagekit.system.packages.manager import Manager

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
    """Have what the guest needs on each platform: agents, drivers, consoles.

    Every installed kernel must have the platform's drivers. Those of its disks have to be in the initramfs, which
    is read: where one is missing it is asked for in the generator's own configuration, that initramfs is made anew
    for any machine, and read again. An agent that is installed is not installed again, and nothing runs and no
    network is reached if nothing is missing.
    """

    main: ClassVar[str | None] = "platforms"
    example: ClassVar[str] = "guest-drivers: [kvm, vmware]"
    opaque: ClassVar[bool] = True
    model_config = ConfigDict(serialize_by_alias=True, validate_by_name=True, validate_by_alias=True)

    kind: Literal["guest-drivers"] = "guest-drivers"
    platforms: Annotated[tuple[Platform, ...], Field(min_length=1)]
    """Where the image shall run. The console of the last one that has one is the main one."""
    agents: Literal["available", "required", "none"] = "available"
    """Install the agents that the distribution has a package of; or refuse a guest that lacks one; or install none."""
    source: PathOrPackageFolder | None = Field(default=None, alias="from")
    """A folder of package files on the host: agents come from it alone, without network, those included that only
    their vendor packages. Their signatures are not asked for."""
    remove_others: bool = False
    """Remove the agents of all other platforms."""
    console: bool = True
    """Have the kernel, GRUB and a login on the platforms' serial or virtual console, beside the screen."""

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if self.source is not None and self.agents == "none":
            raise ValueError("from is where agents are taken from, and agents: none takes none")
        return self

    @property
    def needs_network(self) -> bool:
        """Whether agents may have to be fetched; what is installed already is not."""
        return self.agents != "none" and self.source is None

    def title(self) -> str:
        """Return the platforms."""
        return f"guest-drivers {', '.join(self.platforms)}"

    def check(self, facts: Facts) -> Iterator[Problem]:
        """Yield a Problem for each platform that is not supported, does not run this guest, or lacks its agent here."""
        for position, name in enumerate(self.platforms):
            field = f"platforms[{position}]"
            if name not in PLATFORMS:
                why = f"supported are {', '.join(PLATFORMS)}"
                yield Problem(field, f"{name} is not supported yet", why=why, code="IK-DRV-001")
            elif not PLATFORMS[name].runs(facts.arch):
                why = f"it runs {', '.join(PLATFORMS[name].arches)}"
                yield Problem(field, f"{PLATFORMS[name].title} runs no {facts.arch} guests", why=why, code="IK-DRV-008")
            elif self.agents == "required" and name in agents.without_agent(
                self.platforms, facts, any_source=self.source is not None
            ):
                yield agents.no_agent(name, position, facts)
        yield from self._check_packages(facts)

    def _check_packages(self, facts: Facts) -> Iterator[Problem]:
        tool = manager.manager_of(facts)
        if tool is None and (self.agents == "required" or self.source is not None or self.remove_others):
            yield Problem(
                "agents",
                "this image has no package manager that imagekit knows, so agents are neither installed nor removed",
                why=f"known are {', '.join(manager.SUPPORTED)}; this is {facts.name or facts.distro}",
                fix="agents: none leaves them alone",
                code="IK-DRV-002",
            )
        elif tool is not None and self.source is not None and not self.source.names(tool.suffixes):
            yield folder.no_files(self.source, tool.suffixes, "from")

    def apply(self, guest: Guest) -> None:
        """Look at the kernels, remove and install agents, see to every initramfs, set up the consoles."""
        for problem in self.check(guest.facts):
            raise problem
        modules.check_kernels(guest, self.platforms)
        tool = manager.manager_of(guest.facts)
        if tool is not None and (self.remove_others or self.agents != "none"):
            self._see_to_agents(guest, tool)
        modules.put_into_initramfs(guest, self.platforms)
        if self.console:
            consoles.set_up(guest, self.platforms)

    def _see_to_agents(self, guest: Guest, tool: Manager) -> None:
        installed = tool.installed(guest)
        if self.remove_others:
            installed = agents.remove_others(guest, tool, self.platforms, installed)
        if self.agents != "none":
            installed = agents.install(guest, tool, self.platforms, installed, self.source)
            agents.start_at_boot(guest, self.platforms, installed)
        if self.agents == "required":
            agents.require(guest.facts, self.platforms, installed)

    def remarks(self, guest: Guest) -> Iterator[str]:
        """Yield what could not be had, or was left alone."""
        tool = manager.manager_of(guest.facts)
        asked = self.remove_others or self.agents != "none"
        installed = tool.installed(guest) if tool and asked else {}
        if self.agents != "none":
            yield from agents.remarks(guest.facts, self.platforms, installed)
        if self.remove_others:
            yield from agents.kept_remarks(guest, self.platforms, installed)
        yield from modules.remarks(guest, self.platforms)
        if self.console:
            yield from consoles.remarks(guest, self.platforms)
