from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from imagekit.diagnostics import Problem
from imagekit.guest.facts import Facts
from imagekit.system.drivers import agents
from imagekit.system.packages.apt import Apt
from imagekit.testing.memory import File

if TYPE_CHECKING:
    from imagekit.testing.memory import MemoryGuest

DEBIAN = Facts(distro="debian", family="debian", name="Debian 12")
UBUNTU = Facts(distro="ubuntu", family="debian")
ARCH = Facts(distro="arch", family="arch")


def test_platforms_without_an_agent_are_left_out() -> None:
    assert list(agents.agents_of(("kvm", "nutanix", "oracle"), DEBIAN)) == ["kvm"]


@pytest.mark.parametrize(
    ("facts", "any_source", "without"),
    [(DEBIAN, False, ("xen", "nutanix")), (DEBIAN, True, ("nutanix",)), (UBUNTU, False, ("nutanix",))],
)
def test_what_only_a_vendor_packages_can_be_had_from_a_folder(
    facts: Facts, any_source: bool, without: tuple[str, ...]
) -> None:
    assert agents.without_agent(("kvm", "xen", "nutanix"), facts, any_source=any_source) == without


def test_a_variant_is_the_same_agent() -> None:
    agent = agents.agents_of(("virtualbox",), ARCH)["virtualbox"]

    assert agents.is_there(agent, {"virtualbox-guest-utils": "7"})
    assert not agents.is_there(agent, {"virtualbox-host": "7"})


def test_nothing_runs_if_all_agents_are_there(debian: MemoryGuest) -> None:
    installed = {"qemu-guest-agent": "1", "hyperv-daemons": "1"}

    assert agents.install(debian, Apt(), ("kvm", "hyperv"), installed) is installed
    assert debian.commands == []


def test_an_agent_that_did_not_come_is_told_at_its_platform(debian: MemoryGuest) -> None:
    debian.answer(lambda _argv, _env: 0)

    with pytest.raises(Problem, match="hyperv-daemons is not installed") as caught:
        agents.install(debian, Apt(), ("kvm", "hyperv"), {"qemu-guest-agent": "1"})

    assert (caught.value.field, caught.value.code) == ("platforms[1]", "IK-DRV-005")


def test_what_is_required_and_missing_is_told_with_the_name_of_its_package() -> None:
    with pytest.raises(Problem, match="Debian 12 has no package with an agent for Xen") as caught:
        agents.require(DEBIAN, ("kvm", "xen"), {"qemu-guest-agent": "1"})

    assert caught.value.field == "platforms[1]"
    assert "xe-guest-utilities" in caught.value.fix


def test_an_agent_stays_where_a_metapackage_would_go_with_it(ubuntu: MemoryGuest) -> None:
    installed = {"open-vm-tools": "12", "ubuntu-server": "1"}

    assert agents.remove_others(ubuntu, Apt(), ("kvm",), installed) is installed
    assert list(agents.kept_remarks(ubuntu, ("kvm",), installed)) == [
        "open-vm-tools stays, since ubuntu-server would go with it"
    ]


def test_what_cannot_be_removed_is_told(debian: MemoryGuest) -> None:
    debian.write_append(
        "/var/lib/dpkg/status",
        "\nPackage: open-vm-tools\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1\n",
    )
    debian.answer(lambda _argv, _env: 0)

    with pytest.raises(Problem, match="open-vm-tools is still installed") as caught:
        agents.remove_others(debian, Apt(), ("kvm",), {"open-vm-tools": "1"})

    assert caught.value.field == "remove_others"


def test_what_is_only_provided_is_not_removed(debian: MemoryGuest) -> None:
    installed = {"open-vm-tools": ""}

    assert agents.remove_others(debian, Apt(), ("kvm",), installed) is installed


def test_an_agent_that_is_no_package_is_told_of(debian: MemoryGuest) -> None:
    debian.add("/opt/VBoxGuestAdditions-7.0.6/uninstall.sh", File("", 0o755))

    assert list(agents.kept_remarks(debian, ("virtualbox",), {})) == []
    (remark,) = agents.kept_remarks(debian, ("kvm",), {})
    assert "/opt/VBoxGuestAdditions-7.0.6/uninstall.sh removes it" in remark


def test_each_platform_without_an_agent_is_a_remark() -> None:
    found = list(agents.remarks(DEBIAN, ("kvm", "xen"), {"qemu-guest-agent": "1"}))

    assert found == ["no agent for Xen was installed; Debian 12 has no package of one"]


def test_a_preset_that_was_written_knows_the_agents_service(debian: MemoryGuest) -> None:
    debian.add("/usr/lib/systemd/system/open-vm-tools.service", "[Install]\nWantedBy=multi-user.target\n")
    debian.add("/etc/systemd/system-preset/00-imagekit.preset", "disable open-vm-tools.service\n")

    agents.start_at_boot(debian, ("vmware",), {"open-vm-tools": "1"})

    assert debian.is_symlink("/etc/systemd/system/multi-user.target.wants/open-vm-tools.service")
    assert b"disable open-vm-tools.service" not in debian.read_file("/etc/systemd/system-preset/00-imagekit.preset")
