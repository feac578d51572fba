"""The machine-id: its states on disk, and its copy for D-Bus.

The states and what they mean at boot are those of machine-id(5), "First Boot Semantics"; who makes a new one is
read from systemd's machine-id-setup.c and from the init scripts of dbus.
"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, Literal

from imagekit.guest import paths
from imagekit.system.text import read_text

if TYPE_CHECKING:
    from imagekit.guest.protocol import Guest

MACHINE_ID = "/etc/machine-id"
DBUS_ID = "/var/lib/dbus/machine-id"
_MODE = 0o444
_MODES = frozenset({0o444, 0o644})
"""Modes that stay: machine-id(5) has the first, dbus-uuidgen(1) makes the second."""
_LABEL = "security.selinux"

State = Literal["empty", "uninitialized", "absent"]


def parse(text: str) -> str | None:
    """Return the id that a text holds, in lower case; None if it is blank, all zero or no id.

    Dashes and stray space are let pass: a reader may be laxer than systemd, and it would still be somebody's id.
    """
    found = text.strip().replace("-", "").lower()
    return found if re.fullmatch(r"[0-9a-f]{32}", found) and set(found) != {"0"} else None


def read(guest: Guest, path: str = MACHINE_ID) -> str | None:
    """Return the id in a file of the guest, links followed; None if there is none."""
    return parse(read_text(guest, path))


def has_systemd(guest: Guest) -> bool:
    """Tell whether systemd makes the id: it starts the guest, or would if a container of it were booted."""
    if guest.facts.init != "unknown":
        return guest.facts.init == "systemd"
    return guest.exists("/usr/lib/systemd/systemd") or guest.exists("/lib/systemd/systemd")


def blank_state(guest: Guest) -> State:
    """Return the state in which a guest makes itself a new id, and nothing else happens.

    systemd: empty, which works with a read-only root and is no "first boot", so that no unit is enabled anew. Other
    inits: absent, since ``dbus-uuidgen --ensure`` fails on an empty file. A container without either keeps an empty
    file, for the id of its host may be mounted over it.
    """
    if has_systemd(guest):
        return "empty"
    nobody_makes_one = guest.facts.init == "unknown" and not guest.exists("/usr/bin/dbus-uuidgen")
    return "empty" if nobody_makes_one and guest.is_file(MACHINE_ID) else "absent"


def set_content(guest: Guest, content: str | None) -> None:
    """Have /etc/machine-id be a regular file with this content, root's; None removes it.

    The old id is overwritten in place before it goes, that which a link leads to as well. A mode of 0644 and an
    SELinux label stay with the path, all else is 0444. A link to D-Bus's file stays where the id is to be absent:
    there the start script of D-Bus makes it.
    """
    regular = guest.is_file(MACHINE_ID)
    if content is None:
        if not leads_to(guest, MACHINE_ID, DBUS_ID):
            _drop(guest, MACHINE_ID)
        return
    mode = _kept_mode(guest) if regular else _MODE
    if not (regular and read_text(guest, MACHINE_ID) == content):
        label = guest.lgetxattr(MACHINE_ID, _LABEL) if regular else None
        _drop(guest, MACHINE_ID)
        guest.write(MACHINE_ID, content)
        if label is not None:
            guest.setxattr(MACHINE_ID, _LABEL, label)
    now = guest.lstat(MACHINE_ID)
    if (now.uid, now.gid) != (0, 0):
        guest.chown(0, 0, MACHINE_ID)
    if now.mode != mode:
        guest.chmod(mode, MACHINE_ID)


def _kept_mode(guest: Guest) -> int:
    now = guest.lstat(MACHINE_ID)
    return now.mode if (now.uid, now.gid) == (0, 0) and now.mode in _MODES else _MODE


def leads_to(guest: Guest, link: str, target: str) -> bool:
    """Tell whether a path is a link to another path, by its text: what it leads to need not be there."""
    if not guest.is_symlink(link):
        return False
    return posixpath.normpath(posixpath.join(paths.parent(link), guest.readlink(link))) == target


def _drop(guest: Guest, path: str) -> None:
    """Remove one of the two files; of a link to a third place the id there is overwritten too."""
    if guest.is_file(path):
        guest.erase(path)
        return
    if guest.is_symlink(path) and read(guest, path):
        there = guest.realpath(path)
        if there not in {MACHINE_ID, DBUS_ID}:
            guest.erase(there)
    guest.rm_f(path)


def reset_dbus(guest: Guest) -> None:
    """Have D-Bus follow /etc/machine-id: by a link under systemd, else by having no file of its own.

    systemd prefers a regular file here to making a new id, so the old one would come back. Other inits make this
    file only if it is absent.
    """
    if has_systemd(guest):
        _link_dbus(guest)
    else:
        _drop(guest, DBUS_ID)


def set_dbus(guest: Guest, machine_id: str) -> None:
    """Give D-Bus the id of the machine: by a link under systemd, else in a file of its own where it has one.

    libdbus reads this file first, and the init script of Debian's dbus makes it; that of Alpine makes the other one.
    """
    if has_systemd(guest):
        _link_dbus(guest)
    elif guest.is_file(DBUS_ID) or _script_makes_own(guest):
        guest.write(DBUS_ID, f"{machine_id}\n")
    elif not leads_to(guest, DBUS_ID, MACHINE_ID):
        _drop(guest, DBUS_ID)


def _script_makes_own(guest: Guest) -> bool:
    script = read_text(guest, "/etc/init.d/dbus")
    there = guest.is_dir(paths.parent(DBUS_ID), followsymlinks=True) and not guest.is_symlink(DBUS_ID)
    return there and bool(re.search(r"uuidgen\W+--ensure(?!=/etc/)", script))


def _link_dbus(guest: Guest) -> None:
    """Make D-Bus's file a link to /etc/machine-id, if the guest has D-Bus's folder."""
    if not guest.is_dir(paths.parent(DBUS_ID), followsymlinks=True) or leads_to(guest, DBUS_ID, MACHINE_ID):
        return
    _drop(guest, DBUS_ID)
    guest.ln_sf(MACHINE_ID, DBUS_ID)
