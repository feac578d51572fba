"""Identities of the machine as a whole: machine-id, and its copy for D-Bus."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagekit.identity.item import Item
from imagekit.machine_id import IMAGEKIT, app_specific
from imagekit.system import bootids, machineid
from imagekit.system.initramfs.generator import find_generator

if TYPE_CHECKING:
    from collections.abc import Collection

    from imagekit.guest.protocol import Guest


def detect_machine_id(guest: Guest) -> tuple[str, ...]:
    """Return /etc/machine-id if it holds an id, and every boot text that fixes one."""
    there = (machineid.MACHINE_ID,) if machineid.read(guest) else ()
    return there + bootids.fixing_texts(guest)


def reset_machine_id(guest: Guest, spare: Collection[str] = ()) -> None:
    """Blank the id the way this guest makes a new one from; D-Bus's copy and the boot entries follow."""
    if machineid.MACHINE_ID not in spare:
        blank_machine_id(guest, machineid.blank_state(guest))


def blank_machine_id(guest: Guest, state: machineid.State) -> None:
    """Put the machine-id into a blank state, whatever carries the old one included."""
    bootids.forget(guest, machineid.read(guest) or machineid.read(guest, machineid.DBUS_ID))
    machineid.reset_dbus(guest)
    content = {"empty": "", "uninitialized": "uninitialized\n", "absent": None}[state]
    machineid.set_content(guest, content)


def set_machine_id(guest: Guest, machine_id: str) -> None:
    """Give the guest one fixed id, of 32 lower case hex digits: for an image of one machine."""
    old = machineid.read(guest)
    bootids.forget(guest, old if old != machine_id else None)
    machineid.set_content(guest, f"{machine_id}\n")
    machineid.set_dbus(guest, machine_id)


def machine_id_returns(guest: Guest) -> str:
    """Say who makes a new machine-id; systemd takes the UUID of the firmware where a hypervisor has set one."""
    if machineid.has_systemd(guest):
        return "systemd makes one at the next boot; on KVM of the virtual machine's UUID, so give each clone its own"
    if guest.exists("/usr/bin/dbus-uuidgen"):
        return "the start script of D-Bus makes one"
    return "nothing in this guest uses one"


def recognise_machine_id(guest: Guest) -> str:
    """Return what the machine-id is recognised by: its id for imagekit alone, machine-id(5)."""
    return _recognised(machineid.read(guest))


def copied_machine_id(guest: Guest) -> tuple[str, ...]:
    """Return where dracut puts the machine-id into an initramfs that is made for one host (its module 00systemd)."""
    generator = find_generator(guest)
    return ("etc/machine-id", "var/lib/dbus/machine-id") if generator and generator.name == "dracut" else ()


def is_id(content: bytes) -> bool:
    """Tell whether a file's content is an id, and no blank state of one."""
    return machineid.parse(content.decode(errors="replace")) is not None


def detect_dbus_id(guest: Guest) -> tuple[str, ...]:
    """Return D-Bus's file if it holds an id of its own; a link to /etc/machine-id holds none."""
    own = not machineid.leads_to(guest, machineid.DBUS_ID, machineid.MACHINE_ID)
    return (machineid.DBUS_ID,) if own and machineid.read(guest, machineid.DBUS_ID) else ()


def reset_dbus_id(guest: Guest, spare: Collection[str] = ()) -> None:
    """Have D-Bus follow /etc/machine-id."""
    if machineid.DBUS_ID not in spare:
        machineid.reset_dbus(guest)


def dbus_id_returns(guest: Guest) -> str:
    """Say where D-Bus takes its id from."""
    return "it is a link to /etc/machine-id" if machineid.has_systemd(guest) else machine_id_returns(guest)


def recognise_dbus_id(guest: Guest) -> str:
    """Return what the id of D-Bus is recognised by."""
    return _recognised(machineid.read(guest, machineid.DBUS_ID))


def _recognised(machine_id: str | None) -> str:
    return app_specific(machine_id, IMAGEKIT) if machine_id else ""


ITEMS = (
    Item(
        id="machine-id",
        group="machine",
        title="machine-id",
        severity="error",
        paths=(machineid.MACHINE_ID,),
        detect=detect_machine_id,
        reset=reset_machine_id,
        returns=machine_id_returns,
        recognise=recognise_machine_id,
        copied=copied_machine_id,
        is_copy=is_id,
    ),
    Item(
        id="dbus-machine-id",
        group="machine",
        title="machine-id of D-Bus",
        severity="error",
        paths=(machineid.DBUS_ID,),
        detect=detect_dbus_id,
        reset=reset_dbus_id,
        returns=dbus_id_returns,
        recognise=recognise_dbus_id,
    ),
)
