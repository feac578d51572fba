"""What systemd would do at a first boot, made harmless: units enabled anew, and a wizard that waits at the console.

A machine-id that is ``uninitialized`` makes the next boot a first one: PID 1 then applies presets to every unit,
and where no preset names a unit the default is to enable it (systemd.preset(5)). Debian has no catch-all preset.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagekit.diagnostics import Problem
from imagekit.guest import paths
from imagekit.system import units
from imagekit.system.text import read_text, write_text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from imagekit.guest.protocol import Guest

PRESET = "/etc/systemd/system-preset/00-imagekit.preset"
_INSTALL_KEYS = ("Alias=", "WantedBy=", "RequiredBy=", "UpheldBy=", "Also=")


def make_first_boot_harmless(guest: Guest) -> None:
    """Write a preset that keeps each unit as it is; refuse if the first boot would ask questions at the console.

    Raises:
        Problem: systemd-firstboot would prompt.
    """
    unset = tuple(_prompts(guest)) if units.find_unit(guest, "systemd-firstboot.service") else ()
    if unset:
        raise Problem(
            "mode",
            f"the first boot would wait at the console and ask for the {' and the '.join(unset)}",
            why="systemd-firstboot(1) runs when the machine-id is uninitialized, and asks for what is not set",
            fix="set it in an earlier step, or take mode: auto",
            code="IK-MID-003",
        )
    guest.mkdir_p(paths.parent(PRESET))
    write_text(guest, PRESET, preset_text(installable_units(guest), enabled_units(guest)))


def _prompts(guest: Guest) -> Iterator[str]:
    if not (guest.is_file("/etc/locale.conf", followsymlinks=True) or guest.is_file("/etc/default/locale")):
        yield "locale"
    if not (guest.exists("/etc/localtime") or guest.is_symlink("/etc/localtime")):
        yield "time zone"
    if not any(line.startswith("root:") for line in read_text(guest, "/etc/shadow").splitlines()):
        yield "root password"


def preset_text(installable: Collection[str], enabled: Collection[str]) -> str:
    """Return a systemd.preset(5) text under which preset-all changes nothing."""
    lines = (f"{'enable' if name in enabled else 'disable'} {name}\n" for name in sorted(installable))
    return "# Keeps every unit as it was when this image was made.\n" + "".join(lines)


def is_installable(text: str) -> bool:
    """Tell whether a unit's text has an [Install] section that ``systemctl enable`` would act on."""
    _, _, install = f"\n{text}".partition("\n[Install]")
    section = install.partition("\n[")[0]
    return any(line.strip().startswith(_INSTALL_KEYS) for line in section.splitlines())


def installable_units(guest: Guest) -> frozenset[str]:
    """Return the units that can be enabled; aliases, which are links, are none of their own."""
    folders = dict.fromkeys(guest.realpath(folder) for folder in units.UNIT_FOLDERS if guest.is_dir(folder))
    found = ((name, f"{folder}/{name}") for folder in folders for name in guest.ls(folder) if "." in name[1:])
    return frozenset(name for name, path in found if guest.is_file(path) and is_installable(read_text(guest, path)))


def enabled_units(guest: Guest) -> frozenset[str]:
    """Return the units that links in /etc/systemd/system enable, by their own names; a template for its instances."""
    pattern = f"{units.ADMIN_UNITS}/{{*.wants/*,*.requires/*,*.upholds/*,*.service,*.socket,*.timer,*.target,*.path}}"
    names: set[str] = set()
    for path in guest.glob_expand(pattern):
        if guest.is_symlink(path) and guest.readlink(path) != "/dev/null":
            names |= {paths.name(path), guest.readlink(path).rpartition("/")[2]}
    return frozenset(names | {_template(name) for name in names if "@" in name})


def _template(name: str) -> str:
    prefix, _, instance = name.partition("@")
    return f"{prefix}@.{instance.rpartition('.')[2]}"
