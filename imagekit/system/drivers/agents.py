"""Agents: installed from the guest's repositories or from a folder, started at boot, those of other platforms removed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagekit.diagnostics import Problem
from imagekit.system import presets
from imagekit.system.drivers.platforms import PLATFORMS
from imagekit.system.packages import folder
from imagekit.system.services.init import init_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from imagekit.guest.facts import Facts
    from imagekit.guest.protocol import Guest
    from imagekit.system.drivers.model import Agent
    from imagekit.system.packages.folder import PackageFolder
    from imagekit.system.packages.manager import Manager

_FOREIGN = {
    "vmware": "/usr/bin/vmware-uninstall-tools.pl",
    "virtualbox": "/opt/VBoxGuestAdditions-*/uninstall.sh",
}
"""What agents that are no packages bring to remove them with."""


def agents_of(platforms: Collection[str], facts: Facts) -> dict[str, Agent]:
    """Return the agents that a guest has on these platforms, by the platform; those without one are left out."""
    found = {name: PLATFORMS[name].agent_for(facts) for name in platforms if name in PLATFORMS}
    return {name: agent for name, agent in found.items() if agent}


def is_there(agent: Agent, installed: Mapping[str, str]) -> bool:
    """Tell whether an agent is installed, under any of its names."""
    return any(name in installed for name in (agent.package, *agent.variants))


def without_agent(platforms: Sequence[str], facts: Facts, *, any_source: bool = False) -> tuple[str, ...]:
    """Return the platforms whose agent cannot be had for a guest.

    Args:
        platforms: as a spec names them.
        facts: of the guest.
        any_source: there is more to take packages from than the distribution's own repositories.
    """
    there = agents_of(platforms, facts)
    return tuple(name for name in platforms if name not in there or not (any_source or there[name].packaged))


def install(
    guest: Guest,
    tool: Manager,
    platforms: Sequence[str],
    installed: Mapping[str, str],
    source: PackageFolder | None = None,
) -> Mapping[str, str]:
    """Install the agents that are not installed, as far as they can be had; nothing runs if none is missing.

    Returns:
        What is installed then.

    Raises:
        Problem: a folder was given that lacks an agent of the distribution's own, or one was not installed after all.
    """
    agents = agents_of(platforms, guest.facts)
    absent = {name: agent for name, agent in agents.items() if not is_there(agent, installed)}
    if source is not None and absent:
        with folder.in_guest(guest, tool, source) as available:
            names = _from_folder(absent, available, source)
            if names:
                tool.install(guest, names, folder=folder.PLACE)
    else:
        names = tuple(dict.fromkeys(agent.package for agent in absent.values() if agent.packaged))
        if names:
            tool.install(guest, names)
    if not names:
        return installed
    now = tool.installed(guest)
    _look(absent, names, now, platforms)
    return now


def _from_folder(absent: Mapping[str, Agent], available: Collection[str], source: PackageFolder) -> tuple[str, ...]:
    """Return what is to be installed from a folder, a variant where it has that one."""
    names = dict[str, None]()
    for platform, agent in absent.items():
        found = next((name for name in (agent.package, *agent.variants) if name in available), None)
        if found:
            names[found] = None
        elif agent.packaged:
            raise Problem(
                "from",
                f"{source.folder} does not hold {agent.package}, the agent for {PLATFORMS[platform].title}",
                why=f"it holds {', '.join(sorted(available))}",
                fix=f"put {agent.package} and what it depends on into the folder, or leave from out",
                code="IK-DRV-004",
            )
    return tuple(names)


def _look(
    absent: Mapping[str, Agent], names: Collection[str], installed: Mapping[str, str], platforms: Sequence[str]
) -> None:
    for platform, agent in absent.items():
        if {agent.package, *agent.variants} & set(names) and not is_there(agent, installed):
            raise Problem(
                f"platforms[{platforms.index(platform)}]",
                f"{agent.package} is not installed after it was installed",
                code="IK-DRV-005",
            )


def require(facts: Facts, platforms: Sequence[str], installed: Mapping[str, str]) -> None:
    """Make sure that every platform's agent is installed.

    Raises:
        Problem: one is not.
    """
    agents = agents_of(platforms, facts)
    for position, name in enumerate(platforms):
        if name not in agents or not is_there(agents[name], installed):
            raise no_agent(name, position, facts)


def no_agent(platform: str, position: int, facts: Facts) -> Problem:
    """Return the Problem of a platform whose agent this guest cannot get."""
    agent = agents_of((platform,), facts).get(platform)
    return Problem(
        f"platforms[{position}]",
        f"{facts.name or facts.distro} has no package with an agent for {PLATFORMS[platform].title}",
        why="agents: required was asked for",
        fix=f"give a folder with {agent.package} as from, or install it in an earlier step"
        if agent
        else "leave agents out to have what there is",
        code="IK-DRV-004",
    )


def start_at_boot(guest: Guest, platforms: Sequence[str], installed: Mapping[str, str]) -> None:
    """Have the agents that are installed start at boot; one that somebody masked stays so.

    Raises:
        Problem: nothing that is installed starts one.
    """
    init = init_of(guest.facts)
    agents = agents_of(platforms, guest.facts)
    there = {name: agent for name, agent in agents.items() if agent.services and is_there(agent, installed)}
    if init is None or not there:
        return
    for platform, agent in there.items():
        states = {service: init.state(guest, service) for service in agent.services}
        if set(states.values()) == {"missing"}:
            raise _no_service(platforms.index(platform), agent)
        for service, state in states.items():
            if state == "disabled":
                init.enable(guest, service)
    presets.renew_preset(guest)


def _no_service(position: int, agent: Agent) -> Problem:
    return Problem(
        f"platforms[{position}]",
        f"{agent.package} is installed, but nothing in this image starts it",
        why=f"there is no service {' or '.join(agent.services)}",
        fix=f"install the package with its start script in an earlier step, {agent.package}-openrc on Alpine",
        code="IK-DRV-003",
    )


def remove_others(
    guest: Guest, tool: Manager, platforms: Sequence[str], installed: Mapping[str, str]
) -> Mapping[str, str]:
    """Remove the agents of all other platforms; one that these platforms share with others stays.

    Returns:
        What is installed then.

    Raises:
        Problem: one is still there afterwards.
    """
    names = _unwanted(guest.facts, installed, platforms)
    if not names:
        return installed
    tool.remove(guest, names)
    now = tool.installed(guest)
    left = _unwanted(guest.facts, now, platforms)
    if left:
        raise Problem(
            "remove_others",
            f"{left[0]} is still installed after it was removed",
            why="another package needs it",
            fix="remove that one in an earlier step",
            code="IK-DRV-006",
        )
    return now


def _others(facts: Facts, platforms: Sequence[str]) -> dict[str, Agent]:
    kept = {name for agent in agents_of(platforms, facts).values() for name in agent.names}
    every = agents_of([name for name in PLATFORMS if name not in platforms], facts)
    return {platform: agent for platform, agent in every.items() if not kept & set(agent.names)}


def _unwanted(facts: Facts, installed: Mapping[str, str], platforms: Sequence[str]) -> tuple[str, ...]:
    """Return the packages to remove: those that are installed themselves, not those that are only provided."""
    names = dict[str, None]()
    for agent in _others(facts, platforms).values():
        if not any(other in installed for other in agent.needed_by):
            names |= dict.fromkeys(name for name in agent.names if installed.get(name))
    return tuple(names)


def remarks(facts: Facts, platforms: Sequence[str], installed: Mapping[str, str]) -> Iterator[str]:
    """Yield which agents are not there."""
    agents = agents_of(platforms, facts)
    for name in platforms:
        if name not in agents or not is_there(agents[name], installed):
            yield f"no agent for {PLATFORMS[name].title} was installed; {facts.name or facts.distro} has no package of one"


def kept_remarks(guest: Guest, platforms: Sequence[str], installed: Mapping[str, str]) -> Iterator[str]:
    """Yield what ``remove_others`` left, and why."""
    for agent in _others(guest.facts, platforms).values():
        holder = next((other for other in agent.needed_by if other in installed), None)
        if holder and is_there(agent, installed):
            yield f"{agent.package} stays, since {holder} would go with it"
    for platform, pattern in _FOREIGN.items():
        if platform not in platforms and guest.glob_expand(pattern):
            path = guest.glob_expand(pattern)[0]
            yield f"an agent for {PLATFORMS[platform].title} stays that is no package; {path} removes it"
