"""The machine-id: its states on disk, its copy for D-Bus, and the boot entries that carry it.

The states and what they mean at boot are those of machine-id(5), "First Boot Semantics"; who makes a new one is
read from systemd's machine-id-setup.c and from the init scripts of dbus.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from imagekit.system.text import read_text

if TYPE_CHECKING:
    from imagekit.guest.facts import Init
    from imagekit.guest.protocol import Guest

MACHINE_ID = "/etc/machine-id"
DBUS_ID = "/var/lib/dbus/machine-id"
_MODE = 0o444

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


def blank_state(init: Init) -> State:
    """Return the state in which a guest makes itself a new id, and nothing else happens.

    systemd: empty, which works with a read-only root and is no "first boot", so that no unit is enabled anew. Other
    inits: absent, since ``dbus-uuidgen --ensure`` fails on an empty file.
    """
    return "empty" if init == "systemd" else "absent"


def set_content(guest: Guest, content: str | None) -> None:
    """Have /etc/machine-id be a regular file with this content, root's, mode 0444; None removes it.

    The old id is overwritten in place before it goes, and an SELinux label stays with the path.
    """
    regular = guest.is_file(MACHINE_ID)
    if content is None and not regular and not guest.is_symlink(MACHINE_ID):
        return
    if content is not None and regular and read_text(guest, MACHINE_ID) == content:
        _own(guest)
        return
    label = guest.lgetxattr(MACHINE_ID, "security.selinux") if regular else None
    _drop(guest, MACHINE_ID)
    if content is not None:
        guest.write(MACHINE_ID, content)
        _own(guest)
        if label is not None:
            guest.setxattr(MACHINE_ID, "security.selinux", label)


def _own(guest: Guest) -> None:
    now = guest.lstat(MACHINE_ID)
    if (now.uid, now.gid) != (0, 0):
        guest.chown(0, 0, MACHINE_ID)
    if now.mode != _MODE:
        guest.chmod(_MODE, MACHINE_ID)


def _drop(guest: Guest, path: str) -> None:
    if guest.is_file(path):
        guest.erase(path)
    else:
        guest.rm_f(path)


def reset_dbus(guest: Guest) -> None:
    """Have D-Bus follow /etc/machine-id: by a link under systemd, else by having no file of its own.

    systemd prefers a regular file here to making a new id, so the old one would come back. Other inits make this
    file only if it is absent.
    """
    if guest.facts.init == "systemd":
        link_dbus(guest)
    else:
        _drop(guest, DBUS_ID)


def link_dbus(guest: Guest) -> None:
    """Make D-Bus's file a link to /etc/machine-id, if the guest has D-Bus's folder."""
    if not guest.is_dir("/var/lib/dbus", followsymlinks=True):
        return
    if guest.is_symlink(DBUS_ID) and guest.readlink(DBUS_ID) == MACHINE_ID:
        return
    _drop(guest, DBUS_ID)
    guest.ln_sf(MACHINE_ID, DBUS_ID)
