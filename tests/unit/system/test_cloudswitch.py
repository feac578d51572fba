from __future__ import annotations

import pytest

from imagekit.guest.facts import Facts
from imagekit.system import cloudswitch
from imagekit.testing.memory import Link, MemoryGuest

SERVICES = ("cloud-init-local", "cloud-init", "cloud-config", "cloud-final")


@pytest.fixture
def sysv() -> MemoryGuest:
    links = {
        f"/etc/rc{level}.d/S0{nr}{name}": Link(f"../init.d/{name}")
        for level in "2345"
        for nr, name in enumerate(SERVICES, 1)
    }
    return MemoryGuest(
        {**links, "/etc/rc0.d/K01cloud-init": Link("../init.d/cloud-init")}, facts=Facts(init="sysvinit")
    )


def test_a_fresh_cloud_init_is_stopped_by_nothing(debian: MemoryGuest, rocky: MemoryGuest, ubuntu: MemoryGuest) -> None:
    assert [cloudswitch.switched_off_by(guest) for guest in (debian, rocky, ubuntu)] == [(), (), ()]


@pytest.mark.parametrize(
    ("path", "entry"),
    [
        ("/etc/cloud/cloud-init.disabled", ""),
        ("/etc/cloud/ds-identify.cfg", "policy: disabled\n"),
        ("/etc/systemd/system-generators/cloud-init-generator", Link("/dev/null")),
        ("/etc/systemd/system/cloud-init.target", Link("/dev/null")),
        ("/etc/systemd/system/cloud-init-local.service", Link("/dev/null")),
        ("/etc/default/grub", 'GRUB_CMDLINE_LINUX="quiet cloud-init=disabled"\n'),
        ("/boot/loader/entries/x.conf", "options root=/dev/vda1 cloud-init=disabled\n"),
    ],
)
def test_each_way_to_stop_it_is_found_and_undone(debian: MemoryGuest, path: str, entry: str | Link) -> None:
    debian.add(path, entry)
    found = cloudswitch.switched_off_by(debian)

    cloudswitch.switch_on(debian)

    assert found == (path,)
    assert cloudswitch.switched_off_by(debian) == ()


def test_a_unit_of_the_users_own_and_another_policy_stop_nothing(debian: MemoryGuest) -> None:
    debian.add("/etc/systemd/system/cloud-init.service", "[Unit]\n")
    debian.add("/etc/cloud/ds-identify.cfg", "policy: enabled\n")
    cloudswitch.switch_on(debian)

    assert cloudswitch.switched_off_by(debian) == ()
    assert debian.exists("/etc/systemd/system/cloud-init.service")
    assert debian.read_file("/etc/cloud/ds-identify.cfg") == b"policy: enabled\n"


def test_other_lines_of_a_policy_and_other_arguments_stay(debian: MemoryGuest) -> None:
    debian.add("/etc/cloud/ds-identify.cfg", "datasource: NoCloud\npolicy: disabled\n")
    debian.add("/etc/kernel/cmdline", "quiet cloud-init=disabled ro\n")
    cloudswitch.switch_on(debian)

    assert debian.read_file("/etc/cloud/ds-identify.cfg") == b"datasource: NoCloud\n"
    assert debian.read_file("/etc/kernel/cmdline") == b"quiet ro\n"
    for text in ("x.cloud-init=disabled cloud-init=disabled.x", "# cloud-init=disabled\n"):
        assert cloudswitch.without_argument(text) == text


def test_the_grub_environment_keeps_its_size(debian: MemoryGuest) -> None:
    text = "# GRUB Environment Block\nkernelopts=ro cloud-init=disabled\n"
    debian.add("/boot/grub/grubenv", text + "#" * (1024 - len(text)))

    cloudswitch.switch_on(debian)

    content = debian.read_file("/boot/grub/grubenv")
    assert len(content) == 1024
    assert b"kernelopts=ro\n" in content


def test_switched_off_it_has_its_marker(debian: MemoryGuest) -> None:
    cloudswitch.switch_off(debian)

    assert cloudswitch.switched_off_by(debian) == ("/etc/cloud/cloud-init.disabled",)


def test_under_openrc_its_services_are_put_into_their_runlevels(alpine: MemoryGuest) -> None:
    for service in SERVICES:
        alpine.add(f"/etc/init.d/{service}", "")
    before = cloudswitch.switched_off_by(alpine)

    cloudswitch.switch_on(alpine)

    assert before == ("/etc/runlevels",)
    assert cloudswitch.switched_off_by(alpine) == ()
    assert "cloud-init-local" in alpine.ls("/etc/runlevels/boot")
    assert {"cloud-init", "cloud-config", "cloud-final"} <= set(alpine.ls("/etc/runlevels/default"))


def test_under_sysvinit_its_links_are_turned_round_and_back(sysv: MemoryGuest) -> None:
    cloudswitch.switch_off(sysv)
    off = (sysv.ls("/etc/rc2.d"), cloudswitch.is_started(sysv), cloudswitch.switched_off_by(sysv))

    cloudswitch.switch_on(sysv)

    assert off == (
        ("K96cloud-final", "K97cloud-config", "K98cloud-init", "K99cloud-init-local"),
        False,
        ("/etc/rc2.d",),
    )
    assert sysv.ls("/etc/rc2.d") == ("S01cloud-init-local", "S02cloud-init", "S03cloud-config", "S04cloud-final")
    assert sysv.ls("/etc/rc0.d") == ("K01cloud-init",)
