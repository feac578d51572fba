from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pydantic import ValidationError

from imagekit.diagnostics import Problem
from imagekit.transforms.guest_drivers import GuestDrivers

if TYPE_CHECKING:
    from imagekit.testing.memory import MemoryGuest

AGENT = "\nPackage: qemu-guest-agent\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1\n"


def install_agent(guest: MemoryGuest) -> None:
    guest.answer(
        lambda argv, _env: 0 if "install" not in argv else guest.write_append("/var/lib/dpkg/status", AGENT) or 0
    )


def test_a_debian_gets_the_agent_which_udev_starts(debian: MemoryGuest) -> None:
    install_agent(debian)

    GuestDrivers(platforms=("kvm",)).apply(debian)

    assert debian.commands[-1].argv[-2:] == ("install", "qemu-guest-agent")
    assert not debian.exists("/etc/systemd/system/multi-user.target.wants/qemu-guest-agent.service")


def test_an_alpine_gets_the_agent_in_its_runlevel(alpine: MemoryGuest) -> None:
    alpine.add("/lib/apk/db/installed", "P:qemu-guest-agent\nV:9-r0\n\n")
    alpine.add("/etc/init.d/qemu-guest-agent", "")

    GuestDrivers(platforms=("kvm",)).apply(alpine)

    assert alpine.readlink("/etc/runlevels/default/qemu-guest-agent") == "/etc/init.d/qemu-guest-agent"
    assert alpine.commands == []


@pytest.mark.parametrize("name", ["debian", "alpine"])
def test_applying_twice_changes_nothing(request, snapshot, name: str) -> None:
    guest = request.getfixturevalue(name)
    install_agent(guest)
    guest.add("/lib/apk/db/installed", "P:qemu-guest-agent\nV:9-r0\n\n")
    guest.add("/etc/init.d/qemu-guest-agent", "")
    GuestDrivers(platforms=("kvm",)).apply(guest)
    first, ran = snapshot(guest), len(guest.commands)

    GuestDrivers(platforms=("kvm",)).apply(guest)

    assert snapshot(guest) == first
    assert len(guest.commands) == ran


def test_an_initramfs_that_may_lack_virtio_is_told_before_anything_is_installed(debian: MemoryGuest) -> None:
    debian.write("/etc/initramfs-tools/initramfs.conf", "MODULES=dep\n")

    with pytest.raises(Problem, match="MODULES=dep") as caught:
        GuestDrivers(platforms=("kvm",)).apply(debian)

    assert caught.value.field == "platforms[0]"
    assert debian.commands == []


def test_a_platform_that_is_not_supported_yet_is_said_by_name(debian: MemoryGuest, rocky: MemoryGuest) -> None:
    step = GuestDrivers(platforms=("kvm", "vmware"))

    assert [problem.field for problem in step.check(debian.facts)] == ["platforms[1]"]
    assert [problem.field for problem in step.check(rocky.facts)] == ["platforms[0]", "platforms[1]"]


@pytest.mark.parametrize("platforms", [(), ("qemu",)])
def test_what_is_no_platform_is_refused(platforms: tuple[str, ...]) -> None:
    with pytest.raises(ValidationError):
        GuestDrivers.model_validate({"platforms": platforms})
