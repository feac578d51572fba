"""What systemd would do at a first boot, made harmless: units enabled anew, and a wizard that waits at the console.

A machine-id that is ``uninitialized`` makes the next boot a first one: PID 1 then applies presets to every unit,
and where no preset names a unit the default is to enable it (systemd.preset(5)). Debian has no catch-all preset.
What each line does was tried with ``systemctl --root=DIR preset-all``: to enable a unit adds every link that its
[Install] section asks for, and those of the units in its ``Also=``; to disable one removes all links to it, but
only where systemd was built to apply presets in full; a mask stays either way.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from imagekit.diagnostics import Problem
from imagekit.guest import fstab, paths
from imagekit.system import bootids, units
from imagekit.system.services.unitfile import Install, install_section, is_template
from imagekit.system.text import read_text, write_text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from imagekit.guest.protocol import Guest

PRESET = "/etc/systemd/system-preset/00-imagekit.preset"
FIRST_VERSION = 247
"""The first systemd that takes ``uninitialized`` for a first boot; older ones make an id, and no more: NEWS of 247."""
_FULL = frozenset({"rhel"})
"""Families whose systemd disables too at a first boot (first-boot-full-preset, as Fedora builds it since 38)."""


@dataclass(frozen=True, slots=True)
class Installable:
    """A unit that can be enabled, as it is now.

    Attributes:
        name: of the unit, ``getty@.service`` for a template.
        enabled: a link below /etc/systemd/system enables it, or an instance of it.
        whole: to enable it once more would add nothing.
        instances: those of a template that are enabled.
    """

    name: str
    enabled: bool
    whole: bool = True
    instances: tuple[str, ...] = ()


def make_first_boot_harmless(guest: Guest) -> None:
    """Write a preset that keeps each unit as it is; refuse a first boot that would ask, or that would never be over.

    Raises:
        Problem: systemd-firstboot would prompt; systemd is too old; the root is never written to.
    """
    for problem in _obstacles(guest):
        raise problem
    write_preset(guest)


def write_preset(guest: Guest) -> None:
    """Write the preset for the units as they are now."""
    guest.mkdir_p(paths.parent(PRESET))
    write_text(guest, PRESET, preset_text(installables(guest), full=guest.facts.family in _FULL))


def renew_preset(guest: Guest) -> None:
    """Have the preset know the units as they are now, if there is one: for whoever adds a unit after it was written."""
    if guest.exists(PRESET):
        write_preset(guest)


def _obstacles(guest: Guest) -> Iterator[Problem]:
    unset = tuple(_prompts(guest))
    if unset:
        yield Problem(
            "mode",
            f"the first boot would wait at the console and ask for the {' and the '.join(unset)}",
            why="systemd-firstboot(1) runs when the machine-id is uninitialized, and asks for what is not set",
            fix="set it in an earlier step, or take mode: auto",
            code="IK-MID-003",
        )
    version = systemd_version(guest)
    if version and version < FIRST_VERSION:
        yield Problem(
            "mode",
            f"systemd {version} of this image knows no machine-id that is uninitialized",
            why=f"that came with systemd {FIRST_VERSION}; an older one makes a new id, but no first boot of it",
            fix="mode: auto",
            code="IK-MID-005",
        )
    if _stays_read_only(guest):
        yield Problem(
            "mode",
            "the root of this image is mounted read-only, so every boot would be a first one",
            why="systemd-machine-id-commit.service could never write the new id: machine-id(5)",
            fix="mode: auto",
            code="IK-MID-006",
        )


def _prompts(guest: Guest) -> Iterator[str]:
    if not units.find_unit(guest, "systemd-firstboot.service") or _switched_off(guest):
        return
    if not (guest.is_file("/etc/locale.conf", followsymlinks=True) or guest.is_file("/etc/default/locale")):
        yield "locale"
    if not (guest.exists("/etc/localtime") or guest.is_symlink("/etc/localtime")):
        yield "time zone"
    root = re.search(r"^root:([^:\n]*)", read_text(guest, "/etc/shadow"), re.MULTILINE)
    if root is None or root[1] == "!unprovisioned":
        yield "root password"


def _switched_off(guest: Guest) -> bool:
    """Tell whether a kernel command line says so, kernel-command-line(7)."""
    off = re.compile(r"\bsystemd\.firstboot=(0|no|n|false|f|off)\b")
    return any(off.search(read_text(guest, path)) for path in bootids.texts(guest))


def systemd_version(guest: Guest) -> int | None:
    """Return the number of the guest's systemd, read from the name of its library; None if it cannot be told."""
    found = guest.glob_expand("/{,usr/}{lib,lib64}/{,*/}systemd/libsystemd-shared-*.so")
    numbers = [re.search(r"-shared-(\d+)", path) for path in found]
    return max((int(number[1]) for number in numbers if number), default=None)


def _stays_read_only(guest: Guest) -> bool:
    """Tell whether fstab has the root read-only; a kernel's ``ro`` alone is undone by systemd-remount-fs(8)."""
    return any(entry.file == "/" and "ro" in entry.options for entry in fstab.parse(read_text(guest, "/etc/fstab")))


def preset_text(found: Collection[Installable], *, full: bool) -> str:
    """Return a systemd.preset(5) text under which preset-all changes nothing.

    A unit that is enabled only in part cannot be kept exactly so where presets are applied in full: there it is
    enabled, since a unit too much is better than one that is lost.
    """
    lines = []
    for unit in sorted(found, key=lambda unit: unit.name):
        verb = "enable" if unit.enabled and (unit.whole or full) else "disable"
        instances = " ".join(unit.instances) if verb == "enable" else ""
        lines.append(f"{verb} {unit.name} {instances}".rstrip() + "\n")
    return "# Keeps every unit as it was when this image was made.\n" + "".join(lines)


def installables(guest: Guest) -> tuple[Installable, ...]:
    """Return the units that can be enabled, sorted; aliases, which are links, are none of their own."""
    folders = dict.fromkeys(guest.realpath(folder) for folder in units.UNIT_FOLDERS if guest.is_dir(folder))
    weakest_first = [(name, f"{folder}/{name}") for folder in reversed(folders) for name in guest.ls(folder)]
    places = {name: path for name, path in weakest_first if "." in name[1:] and guest.is_file(path)}
    sections = {name: install_section(read_text(guest, path)) for name, path in places.items()}
    links = frozenset(_links(guest))
    return tuple(_seen(name, sections, links) for name, section in sorted(sections.items()) if section)


def _links(guest: Guest) -> Iterator[tuple[str, str]]:
    """Yield each link that enables something: where it is below /etc/systemd/system, and the unit that it leads to."""
    pattern = f"{units.ADMIN_UNITS}/{{*.wants/*,*.requires/*,*.upholds/*,*.service,*.socket,*.timer,*.target,*.path}}"
    for path in guest.glob_expand(pattern):
        if guest.is_symlink(path) and guest.readlink(path) != "/dev/null":
            yield path.removeprefix(f"{units.ADMIN_UNITS}/"), guest.readlink(path).rpartition("/")[2]


def _seen(name: str, sections: Mapping[str, Install], links: Collection[tuple[str, str]]) -> Installable:
    """Judge one unit by the links that there are."""
    if is_template(name):
        instances = tuple(sorted({found for place, _ in links if (found := _instance(name, place))}))
        return Installable(name, enabled=bool(instances), instances=instances)
    section = sections[name]
    places = {place for place, target in links if name in {target, place.rpartition("/")[2]}}
    due = {f"{by}.{folder}/{name}" for by, folder in section.wanted} | (set(section.aliases) - {name})
    on = {unit for place, target in links for unit in (target, place.rpartition("/")[2])}
    pulled = {also for also in section.also if sections.get(also)}
    return Installable(name, enabled=bool(places), whole=due <= places and pulled <= on)


def _instance(template: str, place: str) -> str:
    """Return the instance of a template that a link is for; "" if it is for none."""
    prefix, suffix = template.split("@", 1)
    link = place.rpartition("/")[2]
    return link[len(prefix) + 1 : -len(suffix)] if link.startswith(f"{prefix}@") and link.endswith(suffix) else ""
