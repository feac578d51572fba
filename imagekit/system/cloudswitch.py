"""Whether a guest's cloud-init runs at boot, and every place where it can be switched off.

Sources: systemd/cloud-init-generator.tmpl, tools/ds-identify and sysvinit/ of cloud-init. The kernel argument and the
marker file stop it under systemd and OpenRC; Debian's scripts for sysvinit look at neither.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from imagekit.guest import paths
from imagekit.system import bootids, units
from imagekit.system.bootloader import grubenv
from imagekit.system.services import openrc
from imagekit.system.text import read_text, write_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imagekit.guest.protocol import Guest

MARKER = "/etc/cloud/cloud-init.disabled"
DS_IDENTIFY = "/etc/cloud/ds-identify.cfg"
_GENERATOR = "/etc/systemd/system-generators/cloud-init-generator"
OPENRC_SERVICES = (
    ("cloud-init-ds-identify", "boot"),
    ("cloud-init-local", "boot"),
    ("cloud-init", "default"),
    ("cloud-config", "default"),
    ("cloud-final", "default"),
)
"""Services and their runlevels, as Alpine's setup-cloud-init and Gentoo's notes on the package have them."""
_UNITS = ("cloud-init.target", "cloud-config.target")
_SYSV = "/etc/rc[2345].d/{kind}[0-9][0-9]{{cloud-init-local,cloud-init,cloud-config,cloud-final}}"
_ARGUMENT = re.compile(r"^(?P<before>[^#\n]*?)[ \t]?(?<![\w.=-])cloud-init=disabled(?![\w.-])", re.MULTILINE)
_POLICY = re.compile(r"^[ \t]*policy:[ \t]*disabled\b[^\n]*\n?", re.MULTILINE)
_HIGHEST = 100


def is_started(guest: Guest) -> bool:
    """Tell whether the init system starts cloud-init at all; systemd's generator always does."""
    if guest.facts.init == "openrc":
        return bool(guest.glob_expand("/etc/runlevels/*/cloud-init-local"))
    if guest.facts.init == "sysvinit":
        return bool(guest.glob_expand(_SYSV.format(kind="S")))
    return True


def switched_off_by(guest: Guest) -> tuple[str, ...]:
    """Return the paths that keep an installed cloud-init from running at the next boot."""
    return tuple(_stops(guest))


def _stops(guest: Guest) -> Iterator[str]:
    if guest.exists(MARKER) and guest.facts.init != "sysvinit":
        yield MARKER
    if _POLICY.search(read_text(guest, DS_IDENTIFY)):
        yield DS_IDENTIFY
    yield from _masks(guest)
    if not is_started(guest):
        yield "/etc/runlevels" if guest.facts.init == "openrc" else "/etc/rc2.d"
    yield from (path for path in bootids.texts(guest) if _ARGUMENT.search(read_text(guest, path)))


def _masks(guest: Guest) -> tuple[str, ...]:
    """Return the links to /dev/null that take cloud-init's generator or units away."""
    if guest.facts.init != "systemd":
        return ()
    found = guest.glob_expand(
        f"{units.ADMIN_UNITS}/cloud-{{init,init-local,init-main,init-network,config,final}}.service"
    )
    candidates = (_GENERATOR, *(f"{units.ADMIN_UNITS}/{name}" for name in _UNITS), *found)
    return tuple(path for path in candidates if guest.is_symlink(path) and guest.readlink(path) == "/dev/null")


def switch_on(guest: Guest) -> None:
    """Undo whatever keeps cloud-init from running: marker, masks, policy, runlevels, kernel argument."""
    guest.rm_f(MARKER)
    for path in _masks(guest):
        guest.rm_f(path)
    policy = read_text(guest, DS_IDENTIFY)
    if _POLICY.search(policy):
        write_text(guest, DS_IDENTIFY, _POLICY.sub("", policy))
    for path in bootids.texts(guest):
        before = read_text(guest, path)
        after = without_argument(before)
        if after != before:
            write_text(guest, path, grubenv.padded(after) if paths.name(path) == "grubenv" else after)
    if guest.facts.init == "openrc":
        for service, runlevel in OPENRC_SERVICES:
            if guest.exists(f"/etc/init.d/{service}"):
                openrc.enable(guest, service, runlevel)
    elif guest.facts.init == "sysvinit":
        _turn_sysv(guest, "K", "S")


def switch_off(guest: Guest) -> None:
    """Keep cloud-init from running: by its marker file, and by the runlevel links of sysvinit, which reads no marker."""
    guest.mkdir_p(paths.parent(MARKER))
    guest.touch(MARKER)
    if guest.facts.init == "sysvinit":
        _turn_sysv(guest, "S", "K")


def without_argument(text: str) -> str:
    """Return a boot text without the kernel argument ``cloud-init=disabled``."""
    return _ARGUMENT.sub(r"\g<before>", text)


def _turn_sysv(guest: Guest, old: str, new: str) -> None:
    """Rename the links of runlevels 2 to 5 as ``update-rc.d enable`` and ``disable`` do: S01name to K99name and back."""
    for path in guest.glob_expand(_SYSV.format(kind=old)):
        name = paths.name(path)
        number = _HIGHEST - int(name[1:3])
        guest.mv(path, paths.join(paths.parent(path), f"{new}{min(number, 99):02}{name[3:]}"))
