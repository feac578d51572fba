from __future__ import annotations

import pytest
from pydantic import ValidationError

from imagekit.diagnostics import Problem
from imagekit.identity.catalogue import machine
from imagekit.testing.memory import File, Link, MemoryGuest
from imagekit.transforms.machine_id import MachineId

ID = "0123456789abcdef0123456789abcdef"


def mode_of(guest: MemoryGuest, path: str = "/etc/machine-id") -> int:
    return guest.lstat(path).mode


@pytest.mark.parametrize("name", ["debian", "debian13", "ubuntu", "fedora", "rocky", "opensuse", "arch"])
def test_a_systemd_guest_gets_an_empty_file_and_a_link_for_dbus(request, name: str) -> None:
    guest = request.getfixturevalue(name)
    guest.mkdir_p("/var/lib/dbus")

    MachineId().apply(guest)

    assert guest.is_file("/etc/machine-id")
    assert guest.read_file("/etc/machine-id") == b""
    assert mode_of(guest) == 0o444
    assert guest.readlink("/var/lib/dbus/machine-id") == "/etc/machine-id"
    assert machine.detect_machine_id(guest) == machine.detect_dbus_id(guest) == ()


def test_no_folder_is_made_for_a_dbus_that_is_not_there(debian: MemoryGuest) -> None:
    debian.rm_rf("/var/lib/dbus")

    MachineId().apply(debian)

    assert not debian.exists("/var/lib/dbus")


def test_an_openrc_guest_loses_both_files_since_dbus_only_makes_what_is_absent(alpine: MemoryGuest) -> None:
    alpine.add("/var/lib/dbus/machine-id", f"{ID}\n")

    MachineId().apply(alpine)

    assert not alpine.exists("/etc/machine-id")
    assert not alpine.exists("/var/lib/dbus/machine-id")


def test_a_link_to_the_file_of_dbus_becomes_a_regular_file(debian: MemoryGuest) -> None:
    debian.add("/etc/machine-id", Link("/var/lib/dbus/machine-id"))

    MachineId().apply(debian)

    assert debian.is_file("/etc/machine-id")
    assert debian.read_file("/etc/machine-id") == b""
    assert debian.is_symlink("/var/lib/dbus/machine-id")


def test_a_file_of_another_mode_is_put_right(debian: MemoryGuest) -> None:
    debian.add("/etc/machine-id", File("", mode=0o644, uid=5))

    MachineId().apply(debian)

    assert mode_of(debian) == 0o444
    assert debian.lstat("/etc/machine-id").uid == 0


def test_an_selinux_label_stays_with_the_path(rocky: MemoryGuest) -> None:
    rocky.setxattr("/etc/machine-id", "security.selinux", b"machine_id_t")

    MachineId().apply(rocky)

    assert rocky.lgetxattr("/etc/machine-id", "security.selinux") == b"machine_id_t"


def test_a_fixed_id_is_followed_by_dbus(debian: MemoryGuest) -> None:
    MachineId(mode=ID.upper()).apply(debian)

    assert debian.read_file("/etc/machine-id") == f"{ID}\n".encode()
    assert mode_of(debian) == 0o444
    assert debian.readlink("/var/lib/dbus/machine-id") == "/etc/machine-id"


def test_a_kernel_command_line_no_longer_fixes_the_id(debian: MemoryGuest) -> None:
    debian.add("/etc/kernel/cmdline", f"root=/dev/vda1 systemd.machine_id={ID} quiet\n")

    MachineId().apply(debian)

    assert debian.read_file("/etc/kernel/cmdline") == b"root=/dev/vda1 quiet\n"


def test_boot_entries_named_by_the_id_are_renamed_and_still_the_default(rocky: MemoryGuest) -> None:
    MachineId().apply(rocky)

    assert rocky.ls("/boot/loader/entries") == (
        "rocky-5.14.0-427.13.1.el9_4.x86_64.conf",
        "rocky-5.14.0-427.9.1.el9_4.x86_64.conf",
    )
    environment = rocky.read_file("/boot/grub2/grubenv")
    assert b"saved_entry=rocky-5.14.0-427.13.1.el9_4.x86_64\n" in environment
    assert len(environment) == 1024


@pytest.mark.parametrize("mode", ["auto", "uninitialized", ID])
@pytest.mark.parametrize("name", ["debian", "debian13", "rocky"])
def test_applying_twice_changes_nothing(request, snapshot, name: str, mode: str) -> None:
    guest = request.getfixturevalue(name)
    MachineId(mode=mode).apply(guest)
    first = snapshot(guest)

    MachineId(mode=mode).apply(guest)

    assert snapshot(guest) == first


def test_applying_twice_to_an_openrc_guest_changes_nothing(alpine: MemoryGuest, snapshot) -> None:
    MachineId().apply(alpine)
    first = snapshot(alpine)

    MachineId().apply(alpine)

    assert snapshot(alpine) == first


def test_uninitialized_keeps_disabled_units_disabled(debian: MemoryGuest) -> None:
    debian.add("/usr/lib/systemd/system/rsync.service", "[Unit]\n[Install]\nWantedBy=multi-user.target\n")

    MachineId(mode="uninitialized").apply(debian)

    preset = debian.read_file("/etc/systemd/system-preset/00-imagekit.preset").decode()
    assert debian.read_file("/etc/machine-id") == b"uninitialized\n"
    assert "disable rsync.service\n" in preset
    assert "enable ssh.service\n" in preset


@pytest.mark.parametrize("mode", ["empty", "uninitialized"])
def test_states_that_stop_dbus_are_refused_where_it_makes_the_id(alpine: MemoryGuest, mode: str) -> None:
    step = MachineId(mode=mode)

    assert [problem.code for problem in step.check(alpine.facts)] == ["IK-MID-001"]
    with pytest.raises(Problem):
        step.apply(alpine)


def test_absent_is_refused_where_systemd_would_not_boot(debian: MemoryGuest) -> None:
    assert [problem.code for problem in MachineId(mode="absent").check(debian.facts)] == ["IK-MID-002"]


@pytest.mark.parametrize("mode", ["0" * 32, "x", ID[1:], f"{ID}\n", "01234567-89ab-cdef-0123-456789abcdef"])
def test_what_is_no_mode_is_refused(mode: str) -> None:
    with pytest.raises(ValidationError, match="32 hex digits"):
        MachineId(mode=mode)
