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


@pytest.mark.parametrize("mode", [12345678901234567890123456789012, 1234567890123456789012345678e10])
def test_an_id_that_yaml_takes_for_a_number_is_to_be_quoted(mode: float) -> None:
    with pytest.raises(ValidationError, match="quoted string"):
        MachineId.model_validate({"mode": mode})


@pytest.mark.parametrize("mode", [True, None, ["auto"]])
def test_what_is_no_text_is_refused(mode: object) -> None:
    with pytest.raises(ValidationError, match="valid string"):
        MachineId.model_validate({"mode": mode})


# Guests of which it is not known what starts them.
def container(**files: str) -> MemoryGuest:
    return MemoryGuest({"/etc/machine-id": f"{ID}\n", **files})


def test_a_container_keeps_an_empty_file_for_the_id_of_its_host_to_be_mounted_over() -> None:
    guest = container()
    MachineId().apply(guest)
    asked = container(**{"/usr/bin/dbus-uuidgen": ""})
    MachineId(mode="empty").apply(asked)

    assert guest.read_file("/etc/machine-id") == asked.read_file("/etc/machine-id") == b""


@pytest.mark.parametrize(
    ("mode", "systemd", "code"),
    [("uninitialized", False, "IK-MID-001"), ("absent", True, "IK-MID-002"), ("uninitialized", True, None)],
)
def test_what_a_container_holds_decides_where_the_facts_cannot(mode: str, systemd: bool, code: str | None) -> None:
    guest = container(**({"/usr/lib/systemd/systemd": ""} if systemd else {}))
    assert list(MachineId(mode=mode).check(guest.facts)) == []

    if code is None:
        MachineId(mode=mode).apply(guest)
    else:
        with pytest.raises(Problem) as caught:
            MachineId(mode=mode).apply(guest)
        assert caught.value.code == code


# Layouts with links.
@pytest.mark.parametrize("target", ["/run/machine-id", "/var/lib/dbus/machine-id", "../var/lib/dbus/machine-id"])
@pytest.mark.parametrize("mode", ["auto", "uninitialized", ID])
def test_under_systemd_a_link_becomes_a_file_and_no_old_id_stays(
    debian: MemoryGuest, snapshot, target: str, mode: str
) -> None:
    debian.add("/run/machine-id", f"{'a' * 32}\n")
    debian.add("/var/lib/dbus/machine-id", f"{'b' * 32}\n")
    debian.add("/etc/machine-id", Link(target))
    MachineId(mode=mode).apply(debian)
    first = snapshot(debian)
    MachineId(mode=mode).apply(debian)

    assert debian.is_file("/etc/machine-id")
    assert debian.readlink("/var/lib/dbus/machine-id") == "/etc/machine-id"
    assert snapshot(debian) == first
    old = b"b" * 32 if "dbus" in target else b"a" * 32
    assert not any(old in content for _, _, _, _, content, _ in first.values())


def test_without_systemd_a_link_to_the_file_of_dbus_is_left_for_its_script(alpine: MemoryGuest) -> None:
    alpine.add("/var/lib/dbus/machine-id", f"{ID}\n")
    alpine.add("/etc/machine-id", Link("/var/lib/dbus/machine-id"))

    MachineId().apply(alpine)

    assert alpine.readlink("/etc/machine-id") == "/var/lib/dbus/machine-id"
    assert not alpine.exists("/etc/machine-id")


def test_without_systemd_a_fixed_id_goes_into_both_files(alpine: MemoryGuest, snapshot) -> None:
    alpine.add("/var/lib/dbus/machine-id", f"{'b' * 32}\n")
    MachineId(mode=ID).apply(alpine)
    first = snapshot(alpine)
    MachineId(mode=ID).apply(alpine)

    assert alpine.read_file("/etc/machine-id") == alpine.read_file("/var/lib/dbus/machine-id") == f"{ID}\n".encode()
    assert machine.detect_dbus_id(alpine) == ("/var/lib/dbus/machine-id",)
    assert snapshot(alpine) == first


def test_an_id_that_only_dbus_still_has_goes_from_the_boot_entries_too(rocky: MemoryGuest) -> None:
    old = machine.machineid.read(rocky)
    rocky.add("/var/lib/dbus/machine-id", f"{old}\n")
    rocky.write("/etc/machine-id", "")

    MachineId().apply(rocky)

    assert not any(str(old) in path for path in rocky.find("/boot"))


# The whole table: every family, every mode.
@pytest.mark.parametrize("name", ["debian", "debian13", "ubuntu", "fedora", "rocky", "opensuse", "arch", "alpine"])
@pytest.mark.parametrize(
    ("mode", "content"),
    [("auto", b""), ("empty", b""), ("uninitialized", b"uninitialized\n"), ("absent", None), (ID, f"{ID}\n".encode())],
)
def test_every_mode_on_every_family(request, name: str, mode: str, content: bytes | None) -> None:
    guest = request.getfixturevalue(name)
    step = MachineId(mode=mode)
    fits = mode in {"auto", ID} or (mode == "absent") is (name == "alpine")

    assert bool(list(step.check(guest.facts))) is not fits
    if fits:
        step.apply(guest)
        if name == "alpine" and mode == "auto":
            content = None
        found = guest.read_file("/etc/machine-id") if guest.exists("/etc/machine-id") else None
        assert found == content
        assert bool(machine.detect_machine_id(guest)) is (mode == ID)
