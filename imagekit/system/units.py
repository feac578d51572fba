"""systemd units and OpenRC services: written, found, and enabled by the links that their own tools would make."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagekit.system.text import read_text, write_text

if TYPE_CHECKING:
    from imagekit.guest.protocol import Guest

ADMIN_UNITS = "/etc/systemd/system"
UNIT_FOLDERS = (ADMIN_UNITS, "/usr/lib/systemd/system", "/lib/systemd/system")
"""Where units are, strongest first: systemd.unit(5), and /lib for systems whose /usr is not merged."""


def find_unit(guest: Guest, name: str) -> str | None:
    """Return the path of a unit as systemd would find it; None if it is not there or masked (a link to /dev/null)."""
    for folder in UNIT_FOLDERS:
        path = f"{folder}/{name}"
        if guest.is_symlink(path) and guest.readlink(path) == "/dev/null":
            return None
        if guest.is_file(path, followsymlinks=True):
            return path
    return None


def unit_text(guest: Guest, name: str) -> str:
    """Return the text of a unit without its drop-ins; "" if it is not there or masked."""
    path = find_unit(guest, name)
    return read_text(guest, path) if path else ""


def drop_in_texts(guest: Guest, name: str) -> tuple[str, ...]:
    """Return the texts of a unit's drop-ins, ``NAME.d/*.conf``."""
    found = guest.glob_expand(f"/{{etc,usr/lib,lib}}/systemd/system/{name}.d/*.conf")
    return tuple(read_text(guest, path) for path in found)


def install_unit(guest: Guest, name: str, text: str, *, wanted_by: str = "multi-user.target") -> None:
    """Write a unit to /etc/systemd/system and enable it there, as ``systemctl enable`` would."""
    path = f"{ADMIN_UNITS}/{name}"
    guest.mkdir_p(ADMIN_UNITS)
    write_text(guest, path, text)
    _link(guest, path, f"{ADMIN_UNITS}/{wanted_by}.wants", name)


def enable_openrc(guest: Guest, name: str, runlevel: str) -> None:
    """Put a service into a runlevel, as ``rc-update add`` would."""
    _link(guest, f"/etc/init.d/{name}", f"/etc/runlevels/{runlevel}", name)


def _link(guest: Guest, target: str, folder: str, name: str) -> None:
    guest.mkdir_p(folder)
    guest.ln_sf(target, f"{folder}/{name}")
