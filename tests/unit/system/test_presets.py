from __future__ import annotations

import pytest

from imagekit.diagnostics import Problem
from imagekit.guest.facts import Facts
from imagekit.system import presets
from imagekit.system.presets import Installable, preset_text
from imagekit.testing.memory import Link, MemoryGuest

INSTALLABLE = "[Unit]\n\n[Install]\nWantedBy=multi-user.target\n"
UNITS = "/usr/lib/systemd/system"
ADMIN = "/etc/systemd/system"
SET_UP = {"/etc/localtime": Link("/x"), "/etc/locale.conf": "", "/etc/shadow": "root:*:::::::\n"}


def lines(guest: MemoryGuest) -> list[str]:
    return guest.read_file(presets.PRESET).decode().splitlines()[1:]


def test_the_preset_tells_each_unit_to_stay_as_it_is() -> None:
    guest = MemoryGuest(
        {
            "/lib": Link("usr/lib"),
            f"{UNITS}/on.service": INSTALLABLE,
            f"{UNITS}/off.service": INSTALLABLE,
            f"{UNITS}/masked.service": INSTALLABLE,
            f"{UNITS}/static.service": "[Unit]\n",
            f"{UNITS}/tty@.service": INSTALLABLE,
            f"{UNITS}/idle@.service": INSTALLABLE,
            f"{UNITS}/aliased.service": f"{INSTALLABLE}Alias=other.service\n",
            f"{ADMIN}/multi-user.target.wants/on.service": Link("/lib/systemd/system/on.service"),
            f"{ADMIN}/multi-user.target.wants/aliased.service": Link("/lib/systemd/system/aliased.service"),
            f"{ADMIN}/getty.target.wants/tty@1.service": Link("/lib/systemd/system/tty@.service"),
            f"{ADMIN}/getty.target.wants/tty@2.service": Link("/lib/systemd/system/tty@.service"),
            f"{ADMIN}/other.service": Link("/lib/systemd/system/aliased.service"),
            f"{ADMIN}/masked.service": Link("/dev/null"),
            **SET_UP,
        }
    )

    presets.make_first_boot_harmless(guest)

    assert lines(guest) == [
        "enable aliased.service",
        "disable idle@.service",
        "disable masked.service",
        "disable off.service",
        "enable on.service",
        "enable tty@.service 1 2",
    ]


def test_a_unit_of_the_administrator_stands_for_the_one_it_overrides() -> None:
    guest = MemoryGuest({f"{UNITS}/a.service": INSTALLABLE, f"{ADMIN}/a.service": "[Unit]\n", **SET_UP})

    presets.make_first_boot_harmless(guest)

    assert lines(guest) == []


def test_a_unit_that_would_take_a_disabled_one_along_is_not_enabled_anew() -> None:
    guest = MemoryGuest(
        {
            f"{UNITS}/net.service": f"{INSTALLABLE}Also=wait.service absent.service static.service\n",
            f"{UNITS}/wait.service": INSTALLABLE,
            f"{UNITS}/static.service": "[Unit]\n",
            f"{ADMIN}/multi-user.target.wants/net.service": Link(f"{UNITS}/net.service"),
        }
    )
    before = {unit.name: unit.whole for unit in presets.installables(guest)}
    guest.add(f"{ADMIN}/multi-user.target.wants/wait.service", Link(f"{UNITS}/wait.service"))

    assert not before["net.service"]
    assert {unit.name: unit.whole for unit in presets.installables(guest)}["net.service"]


@pytest.mark.parametrize(("full", "verb"), [(False, "disable"), (True, "enable")])
def test_a_unit_that_is_enabled_in_part_is_never_lost(full: bool, verb: str) -> None:
    text = preset_text([Installable("a.service", enabled=True, whole=False)], full=full)

    assert text.endswith(f"\n{verb} a.service\n")


@pytest.mark.parametrize(("family", "verb"), [("debian", "disable"), ("rhel", "enable")])
def test_presets_are_applied_in_full_where_the_family_builds_systemd_so(family: str, verb: str) -> None:
    half = {f"{UNITS}/a.service": INSTALLABLE, f"{ADMIN}/x.target.wants/a.service": Link(f"{UNITS}/a.service")}
    guest = MemoryGuest({**half, **SET_UP}, Facts.model_validate({"family": family, "init": "systemd"}))

    presets.make_first_boot_harmless(guest)

    assert lines(guest) == [f"{verb} a.service"]


def test_a_unit_that_comes_later_is_added_to_a_preset_that_is_there(debian: MemoryGuest) -> None:
    presets.renew_preset(debian)
    there = debian.exists(presets.PRESET)
    presets.write_preset(debian)
    debian.add(f"{ADMIN}/late.service", INSTALLABLE)
    presets.renew_preset(debian)

    assert not there
    assert "disable late.service" in lines(debian)


# What a first boot would ask.
@pytest.fixture
def asking(debian: MemoryGuest) -> MemoryGuest:
    """A Debian with the wizard, and nothing that it would ask for."""
    debian.add("/usr/lib/systemd/system/systemd-firstboot.service", "[Unit]\n")
    return debian


def test_a_wizard_that_would_wait_at_the_console_is_refused(asking: MemoryGuest) -> None:
    presets.make_first_boot_harmless(asking)
    asking.rm_f("/etc/default/locale")
    asking.rm_f("/etc/localtime")

    with pytest.raises(Problem, match="locale and the time zone") as caught:
        presets.make_first_boot_harmless(asking)
    assert caught.value.code == "IK-MID-003"


@pytest.mark.parametrize("shadow", ["", "daemon:*:::::::\n", "root:!unprovisioned:::::::\n"])
def test_a_root_without_a_password_would_be_asked_for(asking: MemoryGuest, shadow: str) -> None:
    asking.add("/etc/shadow", shadow)

    with pytest.raises(Problem, match="root password"):
        presets.make_first_boot_harmless(asking)


def test_a_wizard_that_is_masked_or_switched_off_asks_nothing(asking: MemoryGuest) -> None:
    asking.rm_f("/etc/default/locale")
    asking.add("/etc/kernel/cmdline", "quiet systemd.firstboot=off\n")
    presets.make_first_boot_harmless(asking)
    asking.rm_f("/etc/kernel/cmdline")
    asking.add("/etc/systemd/system/systemd-firstboot.service", Link("/dev/null"))
    presets.make_first_boot_harmless(asking)

    assert asking.exists(presets.PRESET)


# What a first boot would never be.
@pytest.mark.parametrize(
    ("path", "version"),
    [
        ("/usr/lib/x86_64-linux-gnu/systemd/libsystemd-shared-252.so", 252),
        ("/usr/lib/systemd/libsystemd-shared-257.9-1.fc42.so", 257),
        ("/lib/systemd/libsystemd-shared-241.so", 241),
        ("/usr/lib/systemd/systemd", None),
    ],
)
def test_the_version_of_systemd_is_that_of_its_library(path: str, version: int | None) -> None:
    assert presets.systemd_version(MemoryGuest({path: ""})) == version


def test_a_systemd_that_knows_no_uninitialized_is_refused(debian: MemoryGuest) -> None:
    debian.add("/usr/lib/systemd/libsystemd-shared-246.so", "")

    with pytest.raises(Problem) as caught:
        presets.make_first_boot_harmless(debian)
    assert caught.value.code == "IK-MID-005"
    debian.add("/usr/lib/systemd/libsystemd-shared-247.so", "")
    presets.make_first_boot_harmless(debian)


def test_a_root_that_is_never_written_to_would_have_a_first_boot_each_time(debian: MemoryGuest) -> None:
    debian.add("/etc/fstab", "/dev/vda1 / ext4 defaults,ro 0 1\n")

    with pytest.raises(Problem) as caught:
        presets.make_first_boot_harmless(debian)
    assert caught.value.code == "IK-MID-006"
