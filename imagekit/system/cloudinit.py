"""cloud-init inside a guest: whether it will run, what it remembers, where it is told what to do."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from imagekit.system import units
from imagekit.system.text import read_text, write_text

if TYPE_CHECKING:
    from imagekit.guest.protocol import Guest

STATE = "/var/lib/cloud"
SEED = f"{STATE}/seed/nocloud"
DISABLED = "/etc/cloud/cloud-init.disabled"
CONFIG_FOLDER = "/etc/cloud/cloud.cfg.d"
OPENRC_SERVICES = (
    ("cloud-init-local", "boot"),
    ("cloud-init", "default"),
    ("cloud-config", "default"),
    ("cloud-final", "default"),
)
"""Services and their runlevels, as Alpine's setup-cloud-init adds them."""
_LIST = re.compile(r"^[ \t]*datasource_list:[ \t]*\[(?P<names>[^\]\n]*)\]", re.MULTILINE)


def is_installed(guest: Guest) -> bool:
    """Tell whether the guest has cloud-init now; the facts are of the time before the first step."""
    return guest.exists("/usr/bin/cloud-init") or guest.exists("/usr/sbin/cloud-init")


def is_active(guest: Guest) -> bool:
    """Tell whether cloud-init is installed and not switched off by its marker file."""
    return is_installed(guest) and not guest.exists(DISABLED)


def set_enabled(guest: Guest, *, enabled: bool) -> None:
    """Switch cloud-init on or off: by its marker file, and under OpenRC by its runlevel links."""
    if not enabled:
        guest.touch(DISABLED)
        return
    guest.rm_f(DISABLED)
    if guest.facts.init == "openrc":
        for service, runlevel in OPENRC_SERVICES:
            if guest.exists(f"/etc/init.d/{service}"):
                units.enable_openrc(guest, service, runlevel)


def instance_state(guest: Guest) -> tuple[str, ...]:
    """Return what ``cloud-init clean`` removes: all of /var/lib/cloud but the seed (cmd/clean.py of cloud-init)."""
    if not guest.is_dir(STATE):
        return ()
    return tuple(f"{STATE}/{name}" for name in guest.ls(STATE) if name != "seed")


def clean(guest: Guest) -> None:
    """Have cloud-init take the next boot for the first of a new instance; user data it kept is overwritten first."""
    for path in instance_state(guest):
        if guest.is_dir(path):
            for inner in guest.find(path):
                if guest.is_file(inner):
                    guest.erase(inner)
            guest.rm_rf(path)
        elif guest.is_file(path):
            guest.erase(path)
        else:
            guest.rm_f(path)


def datasources(guest: Guest) -> tuple[str, ...]:
    """Return the datasource list that ds-identify reads: the last single-line list; () if there is none.

    A list over several lines is not seen by it (tools/ds-identify, check_config).
    """
    found = guest.glob_expand(f"{CONFIG_FOLDER}/*.cfg")
    lists = [match for path in ("/etc/cloud/cloud.cfg", *found) for match in _LIST.finditer(read_text(guest, path))]
    names = lists[-1]["names"].split(",") if lists else []
    return tuple(name.strip().strip("'\"") for name in names if name.strip())


def cloud_config_schema(guest: Guest) -> bytes | None:
    """Return the JSON Schema for cloud-config that the guest's own cloud-init brings; None if it has none."""
    found = guest.glob_expand(
        "/usr/lib/python3*/{dist,site}-packages/cloudinit/config/schemas/schema-cloud-config-v1.json"
    )
    return guest.read_file(found[0]) if found else None


def write_config(guest: Guest, name: str, text: str) -> None:
    """Write a file of cloud.cfg.d; ``99_`` sorts after what distributions ship there."""
    guest.mkdir_p(CONFIG_FOLDER)
    write_text(guest, f"{CONFIG_FOLDER}/99_imagekit_{name}.cfg", text)


def write_private(guest: Guest, path: str, text: str | bytes, mode: int) -> None:
    """Write a regular file, root's, with the given mode, whatever was there."""
    if guest.is_symlink(path):
        guest.rm_f(path)
    guest.write(path, text)
    if (guest.lstat(path).uid, guest.lstat(path).gid) != (0, 0):
        guest.chown(0, 0, path)
    guest.chmod(mode, path)
