from __future__ import annotations

import pytest

from imagekit.identity.catalogue import machine
from imagekit.machine_id import IMAGEKIT, app_specific
from imagekit.testing.memory import File, Link, MemoryGuest

ID = "0123456789abcdef0123456789abcdef"
ITEMS = {item.id: item for item in machine.ITEMS}


@pytest.mark.parametrize("content", ["", "uninitialized\n", "0" * 32])
def test_a_blank_machine_id_is_no_identity(content: str) -> None:
    assert ITEMS["machine-id"].detect(MemoryGuest({"/etc/machine-id": content})) == ()


def test_an_absent_machine_id_is_no_identity() -> None:
    assert ITEMS["machine-id"].detect(MemoryGuest()) == ()
    assert ITEMS["dbus-machine-id"].detect(MemoryGuest()) == ()


def test_an_id_is_found_in_the_file_and_on_the_kernel_command_line() -> None:
    guest = MemoryGuest({"/etc/machine-id": ID, "/etc/kernel/cmdline": f"systemd.machine_id={ID}"})

    assert ITEMS["machine-id"].detect(guest) == ("/etc/machine-id", "/etc/kernel/cmdline")


def test_a_link_of_dbus_is_no_second_identity_but_a_copy_is() -> None:
    linked = MemoryGuest({"/etc/machine-id": ID, "/var/lib/dbus/machine-id": Link("/etc/machine-id")})
    copied = MemoryGuest({"/etc/machine-id": ID, "/var/lib/dbus/machine-id": ID})

    assert ITEMS["dbus-machine-id"].detect(linked) == ()
    assert ITEMS["dbus-machine-id"].detect(copied) == ("/var/lib/dbus/machine-id",)


@pytest.mark.parametrize("name", ["debian", "debian13", "ubuntu", "fedora", "rocky", "opensuse", "arch", "alpine"])
@pytest.mark.parametrize("item", ITEMS)
def test_after_a_reset_nothing_is_found_and_somebody_makes_a_new_one(request, name: str, item: str) -> None:
    guest = request.getfixturevalue(name)
    guest.add("/var/lib/dbus/machine-id", File(f"{ID}\n"))

    ITEMS[item].reset(guest)

    assert ITEMS[item].detect(guest) == ()
    assert ITEMS[item].returns(guest)


def test_a_copy_of_dbus_never_outlives_a_reset_of_the_machine_id(debian: MemoryGuest) -> None:
    debian.add("/var/lib/dbus/machine-id", File(f"{ID}\n"))

    ITEMS["machine-id"].reset(debian)

    assert ITEMS["dbus-machine-id"].detect(debian) == ()


def test_what_a_step_wrote_is_spared(debian: MemoryGuest) -> None:
    debian.add("/var/lib/dbus/machine-id", File(f"{ID}\n"))
    for item in ITEMS.values():
        item.reset(debian, {"/etc/machine-id", "/var/lib/dbus/machine-id"})

    assert ITEMS["machine-id"].detect(debian) == ("/etc/machine-id",)
    assert ITEMS["dbus-machine-id"].detect(debian) == ("/var/lib/dbus/machine-id",)


def test_an_id_is_recognised_without_being_told(debian: MemoryGuest) -> None:
    marks = {}
    for text in (f"{ID}\n", f"{ID.upper()}\n", "f" * 32, ""):
        debian.add("/etc/machine-id", text)
        debian.add("/var/lib/dbus/machine-id", text)
        marks[text] = {item.recognise(debian) for item in ITEMS.values()}

    assert marks[f"{ID}\n"] == marks[f"{ID.upper()}\n"] == {app_specific(ID, IMAGEKIT)}
    assert marks["f" * 32] == {app_specific("f" * 32, IMAGEKIT)}
    assert marks[""] == {""}


@pytest.mark.parametrize(
    ("name", "copied"), [("rocky", True), ("fedora", True), ("opensuse", True), ("debian", False), ("alpine", False)]
)
def test_only_dracut_copies_the_id_into_an_initramfs(request, name: str, copied: bool) -> None:
    found = ITEMS["machine-id"].copied(request.getfixturevalue(name))

    assert ("etc/machine-id" in found) is copied


def test_a_blank_copy_is_no_identity() -> None:
    copies = [ITEMS["machine-id"].is_copy(text) for text in (b"", b"uninitialized\n", b"\xff", f"{ID}\n".encode())]

    assert copies == [False, False, False, True]


def test_a_fixed_id_leaves_no_other_one_behind(debian: MemoryGuest) -> None:
    debian.add("/etc/kernel/cmdline", f"quiet systemd.machine_id={'a' * 32}\n")

    machine.set_machine_id(debian, ID)

    assert machine.detect_machine_id(debian) == ("/etc/machine-id",)


def test_who_makes_a_new_id_is_said_truly(debian: MemoryGuest, alpine: MemoryGuest) -> None:
    said = [ITEMS["machine-id"].returns(guest) for guest in (debian, alpine)]
    alpine.rm_f("/usr/bin/dbus-uuidgen")

    assert "systemd makes one" in said[0]
    assert "give each clone its own" in said[0]
    assert said[1] == "the start script of D-Bus makes one"
    assert ITEMS["machine-id"].returns(alpine) == "nothing in this guest uses one"
    assert ITEMS["dbus-machine-id"].returns(debian) == "it is a link to /etc/machine-id"
