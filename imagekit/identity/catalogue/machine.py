"""Identities of the machine as a whole: machine-id, and its copy for D-Bus."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagekit.identity.item import Item
from imagekit.system import bootids, machineid

if TYPE_CHECKING:
    from imagekit.guest.protocol import Guest


def detect_machine_id(guest: Guest) -> tuple[str, ...]:
    """Return /etc/machine-id if it holds an id, and every boot text that fixes one."""
    there = (machineid.MACHINE_ID,) if machineid.read(guest) else ()
    return there + bootids.fixing_texts(guest)


def reset_machine_id(guest: Guest) -> None:
    """Blank the id the way this guest makes a new one from; D-Bus's copy and the boot entries follow."""
    blank_machine_id(guest, machineid.blank_state(guest.facts.init))


def blank_machine_id(guest: Guest, state: machineid.State) -> None:
    """Put the machine-id into a blank state, whatever carries the old one included."""
    bootids.forget(guest, machineid.read(guest))
    machineid.reset_dbus(guest)
    content = {"empty": "", "uninitialized": "uninitialized\n", "absent": None}[state]
    machineid.set_content(guest, content)


def set_machine_id(guest: Guest, machine_id: str) -> None:
    """Give the guest one fixed id, of 32 lower case hex digits: for an image of one machine."""
    old = machineid.read(guest)
    bootids.forget(guest, old if old != machine_id else None)
    machineid.set_content(guest, f"{machine_id}\n")
    machineid.link_dbus(guest)


def machine_id_returns(guest: Guest) -> str:
    """Say who makes a new machine-id."""
    if guest.facts.init == "systemd":
        return "systemd makes one at the next boot"
    if guest.exists("/usr/bin/dbus-uuidgen"):
        return "the start script of D-Bus makes one"
    return "nothing in this guest uses one"


def detect_dbus_id(guest: Guest) -> tuple[str, ...]:
    """Return D-Bus's file if it holds an id of its own; a link to /etc/machine-id holds none."""
    own = not (guest.is_symlink(machineid.DBUS_ID) and guest.readlink(machineid.DBUS_ID) == machineid.MACHINE_ID)
    return (machineid.DBUS_ID,) if own and machineid.read(guest, machineid.DBUS_ID) else ()


def dbus_id_returns(guest: Guest) -> str:
    """Say where D-Bus takes its id from."""
    return "it is a link to /etc/machine-id" if guest.facts.init == "systemd" else "the start script of D-Bus makes one"


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
    ),
    Item(
        id="dbus-machine-id",
        group="machine",
        title="machine-id of D-Bus",
        severity="error",
        paths=(machineid.DBUS_ID,),
        detect=detect_dbus_id,
        reset=machineid.reset_dbus,
        returns=dbus_id_returns,
    ),
)
