from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from imagekit.guest.facts import Facts
from imagekit.system import machineid
from imagekit.testing.memory import Dir, File, Link, MemoryGuest

if TYPE_CHECKING:
    from imagekit.testing.tree import Entry

ID = "0123456789abcdef0123456789abcdef"
OTHER = "f" * 32
MACHINE, DBUS = "/etc/machine-id", "/var/lib/dbus/machine-id"
SYSTEMD, OPENRC, SYSV, NONE = ("systemd", "openrc", "sysvinit", "unknown")
SYSV_SCRIPT = "#!/bin/sh\ncreate() {\n  /usr/bin/dbus-uuidgen --ensure\n}\n"
ALPINE_SCRIPT = "#!/sbin/openrc-run\n/usr/bin/dbus-uuidgen --ensure=/etc/machine-id\n"


def made(init: Any, files: dict[str, Entry] | None = None) -> MemoryGuest:
    return MemoryGuest(files, Facts(init=init))


# What is an id.
@pytest.mark.parametrize("text", [f"{ID}\n", ID, ID.upper(), f"{ID}\n\n", "01234567-89ab-cdef-0123-456789abcdef"])
def test_whatever_somebody_may_take_for_an_id_is_one(text: str) -> None:
    assert machineid.parse(text) == ID


@pytest.mark.parametrize("text", ["", "\n", "uninitialized\n", "0" * 32, ID[1:], "firmware"])
def test_blank_states_hold_no_id(text: str) -> None:
    assert machineid.parse(text) is None


# Which blank state a guest makes an id from.
@pytest.mark.parametrize(
    ("init", "files", "state"),
    [
        (SYSTEMD, {MACHINE: ID}, "empty"),
        (SYSTEMD, {}, "empty"),
        (OPENRC, {MACHINE: ID}, "absent"),
        (SYSV, {MACHINE: ID}, "absent"),
        (NONE, {MACHINE: ID, "/usr/lib/systemd/systemd": ""}, "empty"),
        (NONE, {MACHINE: ID, "/usr/bin/dbus-uuidgen": ""}, "absent"),
        (NONE, {MACHINE: ID}, "empty"),
        (NONE, {}, "absent"),
    ],
)
def test_the_blank_state_is_one_that_the_guest_makes_an_id_from(init: str, files: Any, state: str) -> None:
    assert machineid.blank_state(made(init, files)) == state


# The file.
def test_the_old_id_is_overwritten_in_place() -> None:
    guest = MemoryGuest({MACHINE: File(f"{ID}\n", mode=0o444)})
    node = guest.tree.get(MACHINE)

    machineid.set_content(guest, "")

    assert node is not None
    assert node.content == bytes(33)
    assert guest.read_file(MACHINE) == b""


def test_nothing_is_made_absent_twice() -> None:
    guest = MemoryGuest({MACHINE: f"{ID}\n"})

    machineid.set_content(guest, None)
    machineid.set_content(guest, None)

    assert not guest.exists(MACHINE)


@pytest.mark.parametrize(
    ("entry", "mode"),
    [
        (File(ID, mode=0o444), 0o444),
        (File(ID, mode=0o644), 0o644),
        (File(ID, mode=0o600), 0o444),
        (File(ID, mode=0o666), 0o444),
        (File(ID, mode=0o644, uid=5), 0o444),
        (File("", mode=0o644, uid=5), 0o444),
        (File("", mode=0o640), 0o444),
        (Link("/run/machine-id"), 0o444),
        (None, 0o444),
    ],
)
def test_the_file_is_roots_and_everybody_may_read_it(entry: Entry | None, mode: int) -> None:
    guest = MemoryGuest({MACHINE: entry} if entry is not None else {"/etc/x": ""})

    machineid.set_content(guest, "")

    stat = guest.lstat(MACHINE)
    assert (stat.kind, stat.mode, stat.uid, stat.gid) == ("file", mode, 0, 0)


def test_an_selinux_label_stays_with_the_path() -> None:
    guest = MemoryGuest({MACHINE: File(ID)})
    guest.setxattr(MACHINE, "security.selinux", b"label")

    machineid.set_content(guest, "uninitialized\n")

    assert guest.lgetxattr(MACHINE, "security.selinux") == b"label"


@pytest.mark.parametrize("target", ["/run/machine-id", "/persist/id", "../persist/id"])
def test_a_link_becomes_a_file_and_the_id_it_led_to_is_overwritten(target: str) -> None:
    there = "/run/machine-id" if target.startswith("/run") else "/persist/id"
    guest = MemoryGuest({there: f"{ID}\n", MACHINE: Link(target)})
    node = guest.tree.get(there)

    machineid.set_content(guest, "")

    assert guest.is_file(MACHINE)
    assert node is not None
    assert node.content == bytes(33)
    assert not guest.exists(there)


def test_a_link_that_leads_nowhere_or_to_something_else_leaves_that_alone() -> None:
    guest = MemoryGuest({MACHINE: Link("/etc/motd"), "/etc/motd": "welcome"})
    machineid.set_content(guest, "")
    dangling = MemoryGuest({MACHINE: Link("/run/machine-id")})
    machineid.set_content(dangling, None)

    assert guest.read_file("/etc/motd") == b"welcome"
    assert not dangling.is_symlink(MACHINE)


@pytest.mark.parametrize("target", [DBUS, "../var/lib/dbus/machine-id"])
def test_a_link_to_the_file_of_dbus_stays_where_its_script_makes_that(target: str) -> None:
    guest = made(SYSV, {DBUS: f"{ID}\n", MACHINE: Link(target)})

    machineid.reset_dbus(guest)
    machineid.set_content(guest, None)

    assert guest.readlink(MACHINE) == target
    assert not guest.exists(MACHINE)


# The copy of D-Bus.
@pytest.mark.parametrize("init", [SYSTEMD, OPENRC, SYSV])
@pytest.mark.parametrize("entry", [File(ID), File(""), Link("/persist/id"), Link("/nowhere"), None])
def test_dbus_has_no_id_of_its_own_after_a_reset(init: str, entry: Entry | None) -> None:
    guest = made(init, {"/var/lib/dbus": Dir(), "/persist/id": f"{ID}\n", MACHINE: ""})
    if entry is not None:
        guest.add(DBUS, entry)

    machineid.reset_dbus(guest)

    assert machineid.read(guest, DBUS) is None
    assert machineid.leads_to(guest, DBUS, MACHINE) is (init == SYSTEMD)
    assert guest.exists("/persist/id") is not isinstance(entry, Link) or entry == Link("/nowhere")


@pytest.mark.parametrize("target", [MACHINE, "../../../etc/machine-id"])
def test_a_link_of_dbus_to_the_machine_id_stays_as_it_is_written(target: str) -> None:
    guest = made(SYSTEMD, {DBUS: Link(target)})

    machineid.reset_dbus(guest)

    assert guest.readlink(DBUS) == target


def test_no_folder_is_made_for_a_dbus_that_is_not_there() -> None:
    guest = made(SYSTEMD, {"/etc/x": ""})
    machineid.reset_dbus(guest)

    assert not guest.exists("/var/lib/dbus")


@pytest.mark.parametrize(
    ("init", "files", "own"),
    [
        (SYSTEMD, {DBUS: OTHER}, False),
        (OPENRC, {"/etc/init.d/dbus": ALPINE_SCRIPT, "/var/lib/dbus": Dir()}, None),
        (OPENRC, {"/etc/init.d/dbus": ALPINE_SCRIPT, DBUS: OTHER}, True),
        (SYSV, {"/etc/init.d/dbus": SYSV_SCRIPT, "/var/lib/dbus": Dir()}, True),
        (SYSV, {"/etc/init.d/dbus": SYSV_SCRIPT}, None),
        (SYSV, {"/etc/init.d/dbus": SYSV_SCRIPT, DBUS: Link(MACHINE)}, False),
        (SYSV, {DBUS: Link("/nowhere")}, None),
    ],
)
def test_dbus_gets_the_id_of_the_machine_by_a_link_or_in_a_file_of_its_own(
    init: str, files: Any, own: bool | None
) -> None:
    guest = made(init, files)
    guest.add(MACHINE, f"{ID}\n")

    machineid.set_dbus(guest, ID)

    assert machineid.read(guest, DBUS) == (None if own is None else ID)
    assert guest.is_symlink(DBUS) is (own is False)
