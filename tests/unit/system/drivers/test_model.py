from __future__ import annotations

import pytest

from imagekit.guest.facts import Facts
from imagekit.system.drivers.model import Agent, Drivers, Platform

AGENT, OWN = Agent("agent", variants=("agent-nox",), remnants=("agent-gui",)), Agent("own")
PLATFORM = Platform(
    "Place",
    Drivers(disk=(("a", "b"), ("c",)), early=("d",), network=(("e",),)),
    arches=("x86_64",),
    agents={"rhel": AGENT, "fedora": OWN, "rocky": None},
)


@pytest.mark.parametrize(("distro", "agent"), [("fedora", OWN), ("rocky", None), ("alma", AGENT)])
def test_a_distributions_own_agent_comes_before_its_familys_and_none_is_an_answer(
    distro: str, agent: Agent | None
) -> None:
    assert PLATFORM.agent_for(Facts(distro=distro, family="rhel")) == agent


def test_a_family_without_an_agent_has_none() -> None:
    assert PLATFORM.agent_for(Facts(distro="debian", family="debian")) is None


@pytest.mark.parametrize(("arch", "runs"), [("x86_64", True), ("aarch64", False), ("unknown", True)])
def test_an_architecture_that_is_not_known_is_given_the_benefit_of_doubt(arch: str, runs: bool) -> None:
    assert PLATFORM.runs(arch) == runs


def test_the_initramfs_takes_drivers_of_disks_and_early_ones_alone() -> None:
    assert PLATFORM.drivers.initramfs == ("a", "b", "c", "d")


def test_an_agent_is_all_of_its_packages() -> None:
    assert AGENT.names == ("agent", "agent-nox", "agent-gui")
