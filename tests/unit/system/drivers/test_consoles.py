from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from imagekit.system.bootloader.arguments import arguments
from imagekit.system.drivers import consoles
from imagekit.testing.memory import File

if TYPE_CHECKING:
    from imagekit.testing.memory import MemoryGuest


@pytest.mark.parametrize(
    ("platforms", "arch", "found"),
    [
        (("kvm", "aws"), "x86_64", ("ttyS0",)),
        (("xen", "kvm"), "x86_64", ("hvc0", "ttyS0")),
        (("kvm", "xen", "proxmox"), "x86_64", ("hvc0", "ttyS0")),
        (("kvm", "aws"), "aarch64", ("ttyAMA0", "ttyS0")),
        (("vmware", "hyperv"), "x86_64", ()),
        (("kvm",), "s390x", ()),
    ],
)
def test_the_last_platforms_console_is_the_last(platforms: tuple[str, ...], arch: str, found: tuple[str, ...]) -> None:
    assert consoles.devices(platforms, arch) == found


def words(guest: MemoryGuest) -> list[str]:
    return [word for word in arguments(guest) if not word.startswith("root=")]


def test_the_screen_stays_a_console_too(debian: MemoryGuest) -> None:
    consoles.set_up(debian, ("kvm",))

    assert words(debian) == ["ro", "quiet", "console=tty0", "console=ttyS0,115200n8"]


def test_a_console_that_is_named_stays_as_it_is_named(debian: MemoryGuest) -> None:
    text = debian.read_file("/boot/grub/grub.cfg").decode()
    debian.write("/boot/grub/grub.cfg", text.replace("ro quiet", "ro console=ttyS0,9600"))

    consoles.set_up(debian, ("kvm",))

    assert words(debian) == ["ro", "console=ttyS0,9600"]


def test_a_cloud_that_has_no_screen_hears_all_that_the_kernel_says(debian: MemoryGuest) -> None:
    consoles.set_up(debian, ("aws",))

    assert "quiet" not in words(debian)


def test_a_platform_without_a_console_changes_nothing(debian: MemoryGuest) -> None:
    before = debian.read_file("/boot/grub/grub.cfg")

    consoles.set_up(debian, ("vmware",))

    assert debian.read_file("/boot/grub/grub.cfg") == before
    assert b"GRUB_TERMINAL" not in debian.read_file("/etc/default/grub")


def test_grub_has_its_menu_on_the_serial_port_from_the_next_time_on(debian: MemoryGuest) -> None:
    consoles.set_up(debian, ("kvm",))

    text = debian.read_file("/etc/default/grub").decode()
    assert 'GRUB_TERMINAL="console serial"\n' in text
    assert 'GRUB_SERIAL_COMMAND="serial --unit=0 --speed=115200"\n' in text


@pytest.mark.parametrize(
    "line",
    ['GRUB_TERMINAL="serial"\nGRUB_SERIAL_COMMAND="serial --speed=9600"\n', 'GRUB_TERMINAL="$(choose)"serial\n'],
)
def test_what_somebody_set_up_for_grub_stays(debian: MemoryGuest, line: str) -> None:
    debian.write_append("/etc/default/grub", line)

    consoles.set_up(debian, ("kvm",))

    text = debian.read_file("/etc/default/grub").decode()
    assert line in text
    assert text.count("GRUB_TERMINAL=") == 1
    assert text.count("GRUB_SERIAL_COMMAND=") == line.count("GRUB_SERIAL_COMMAND=")


def test_xen_has_no_serial_port_for_grub(debian: MemoryGuest) -> None:
    consoles.set_up(debian, ("xen",))

    assert b"GRUB_TERMINAL" not in debian.read_file("/etc/default/grub")
    assert words(debian)[-2:] == ["console=tty0", "console=hvc0"]


def test_openrc_has_a_login_there_by_a_line_of_inittab(alpine: MemoryGuest) -> None:
    alpine.write_append("/etc/inittab", "#ttyS0::respawn:/sbin/getty -L 115200 ttyS0 vt100\n")

    consoles.set_up(alpine, ("kvm",))
    consoles.set_up(alpine, ("kvm",))

    lines = alpine.read_file("/etc/inittab").decode().splitlines()
    assert lines[-1] == "ttyS0::respawn:/sbin/getty -L 115200 ttyS0 vt100"
    assert len([line for line in lines if "ttyS0" in line]) == 2


def test_system_v_names_the_line_by_the_end_of_the_terminal(debian: MemoryGuest) -> None:
    debian.rm_f("/usr/sbin/init")
    debian.add("/usr/sbin/init", File("", 0o755))
    debian.add("/usr/sbin/agetty", File("", 0o755))
    debian.add("/etc/inittab", "id:2:initdefault:\n")

    consoles.set_up(debian, ("kvm",))

    assert debian.read_file("/etc/inittab").decode().splitlines()[1:] == [
        "tyS0:2345:respawn:/sbin/agetty -L 115200 ttyS0 vt100"
    ]


def test_a_guest_without_a_boot_loader_is_told_of(debian: MemoryGuest) -> None:
    debian.rm_f("/boot/grub/grub.cfg")

    consoles.set_up(debian, ("kvm",))

    assert list(consoles.remarks(debian, ("kvm",))) == [
        "no boot loader that is supported was found, so its kernels were told of no console"
    ]
    assert list(consoles.remarks(debian, ("vmware",))) == []
