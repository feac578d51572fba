"""Put the probe into a guest that will be thrown away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagekit.diagnostics import Problem
from imagekit.system import units
from imagekit.vm import probe, scriptprobe

if TYPE_CHECKING:
    from imagekit.guest.protocol import Guest

WANTED_PATH = "/etc/systemd/system/multi-user.target.d/imagekit-probe.conf"
WANTED = "[Unit]\nWants=imagekit-probe.service\n"
"""A drop-in and no link: at a first boot systemd presets all units, and takes away a link that no preset asks for."""

_LABELS = {
    probe.SCRIPT_PATH: "system_u:object_r:bin_t:s0",
    probe.UNIT_PATH: "system_u:object_r:systemd_unit_file_t:s0",
    WANTED_PATH: "system_u:object_r:systemd_unit_file_t:s0",
}


class Unplantable(Exception):
    """This guest has nothing that would start the probe; the text says why."""


def plant(guest: Guest) -> None:
    """Write the probe, and have the guest's init start it as the last of all.

    Raises:
        Unplantable: its init is not known, or has no place for services.
        GuestError: it could not be written.
    """
    init = guest.facts.init
    if init == "unknown":
        raise Unplantable("imagekit does not know what starts services in this guest, so nothing there can report")
    guest.mkdir_p("/usr/local/sbin")
    if init == "systemd":
        _plant_systemd(guest)
    elif init == "openrc":
        _write(guest, probe.SCRIPT_PATH, scriptprobe.OPENRC_SCRIPT, 0o755)
        units.install_openrc(guest, scriptprobe.NAME, scriptprobe.OPENRC_SERVICE, "default")
    else:
        _write(guest, probe.SCRIPT_PATH, scriptprobe.SYSV_SCRIPT, 0o755)
        try:
            units.install_sysv(guest, scriptprobe.NAME, scriptprobe.SYSV_SERVICE)
        except Problem as problem:
            raise Unplantable(problem.message) from problem


def _plant_systemd(guest: Guest) -> None:
    guest.mkdir_p(WANTED_PATH.rpartition("/")[0])
    _write(guest, probe.SCRIPT_PATH, probe.SCRIPT, 0o755)
    _write(guest, probe.UNIT_PATH, probe.UNIT, 0o644)
    _write(guest, WANTED_PATH, WANTED, 0o644)
    if guest.facts.selinux:
        for path, label in _LABELS.items():
            guest.setxattr(path, "security.selinux", label.encode() + b"\0")


def _write(guest: Guest, path: str, text: str, mode: int) -> None:
    guest.write(path, text)
    guest.chmod(mode, path)
