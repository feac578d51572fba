"""systemd services, enabled by the links that ``systemctl --root`` would make (systemctl(1), systemd.unit(5))."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from imagekit.diagnostics import Problem
from imagekit.guest import paths
from imagekit.system import units
from imagekit.system.services import links, unitfile
from imagekit.system.services.links import Edits, Link
from imagekit.system.services.unitfile import template_of
from imagekit.system.text import read_text
from imagekit.system.units import ADMIN_UNITS, UNIT_FOLDERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imagekit.guest.protocol import Guest
    from imagekit.system.services.unitfile import Install

NOWHERE = "/dev/null"
State = Literal["enabled", "disabled", "static", "masked", "missing"]
_LINKS = f"{ADMIN_UNITS}/{{*.wants/*,*.requires/*,*.upholds/*,*}}"


class Systemd:
    """Units of the system manager. ``NAME`` alone stands for ``NAME.service``."""

    def state(self, guest: Guest, name: str) -> State:
        """Return what ``systemctl is-enabled`` would say; ``static`` for a unit that has nothing to install."""
        unit = _real_name(guest, unitfile.full_name(name))
        if _is_masked(guest, unit):
            return "masked"
        path = _file_of(guest, unit)
        if path is None:
            return "missing"
        if any(_links_of(guest, unit)):
            return "enabled"
        return "disabled" if _install(guest, unit, path) else "static"

    def enable(self, guest: Guest, name: str) -> None:
        """Make the links that the unit's [Install] section asks for, and those of its Also= units.

        A unit without one is started by something else; nothing is done, as systemctl does nothing.

        Raises:
            Problem: the unit is not there, is masked, or is a template without an instance.
        """
        for unit, path in _with_also(guest, unitfile.full_name(name)):
            install = _install(guest, unit, path)
            if unitfile.is_template(unit) and install:
                unit = _default_instance(unit, install)  # noqa: PLW2901  a template is enabled as an instance
            links.apply(guest, Edits(make=planned(unit, path, install)))

    def disable(self, guest: Guest, name: str) -> None:
        """Remove every link in /etc/systemd/system that enables the unit, or for a template any of its instances.

        Raises:
            Problem: the unit is not there.
        """
        if _is_masked(guest, unitfile.full_name(name)):
            return
        for unit, _ in _with_also(guest, unitfile.full_name(name)):
            links.apply(guest, Edits(remove=tuple(_links_of(guest, unit))))

    def mask(self, guest: Guest, name: str) -> None:
        """Have the unit never start, by a link to /dev/null; it need not be there.

        Raises:
            Problem: the unit's own file is where the link goes.
        """
        unit = _real_name(guest, unitfile.full_name(name))
        path = f"{ADMIN_UNITS}/{unit}"
        if guest.is_file(path):
            raise Problem(
                "",
                f"{unit} cannot be masked, for its own file is at {path}",
                why="systemd masks a unit by a link at that place",
                fix="disable it, or move its file to /usr/local/lib/systemd/system in an earlier step",
                code="IK-SVC-003",
            )
        links.apply(guest, Edits(make=(Link(path, NOWHERE),)))

    def unmask(self, guest: Guest, name: str) -> None:
        """Take a mask away; fine if there is none."""
        unit = unitfile.full_name(name)
        if _is_masked(guest, unit):
            guest.rm_f(f"{ADMIN_UNITS}/{unit}")


def planned(unit: str, path: str, install: Install) -> tuple[Link, ...]:
    """Return the links that enable a unit.

    Args:
        unit: its name, an instance's or a plain one.
        path: where its file is, a template's for an instance.
        install: what the file asks for.

    Raises:
        Problem: it asks for a name that only a running machine knows.
    """
    try:
        aliases = [unitfile.expand(alias, unit) for alias in install.aliases]
        wanted = [(unitfile.expand(other, unit), folder) for other, folder in install.wanted]
    except ValueError as unknown:
        raise Problem(
            "",
            f"{unit} cannot be enabled offline: {unknown}",
            why="that specifier is answered by the machine that runs",
            fix=f"enable it at first boot, with: systemctl enable {unit}",
            code="IK-SVC-004",
        ) from unknown
    places = [f"{ADMIN_UNITS}/{alias}" for alias in aliases if alias != unit and unitfile.may_alias(unit, alias)]
    places += [f"{ADMIN_UNITS}/{other}.{folder}/{unit}" for other, folder in wanted]
    return tuple(Link(place, path) for place in dict.fromkeys(places))


def _with_also(guest: Guest, name: str) -> Iterator[tuple[str, str]]:
    """Yield a unit and what its Also= names, each once, with the path of its file.

    Raises:
        Problem: the unit itself is missing, masked, or a template without an instance; for the others that is fine.
    """
    waiting, seen = [name], set[str]()
    while waiting:
        unit = _real_name(guest, waiting.pop(0))
        path = None if _is_masked(guest, unit) else _file_of(guest, unit)
        if path is None and not seen:
            raise _absent(guest, unit)
        if path is None or unit in seen:
            continue
        seen.add(unit)
        install = _install(guest, unit, path)
        yield unit, path
        waiting += [unitfile.expand(also, unit) for also in install.also]


def _default_instance(template: str, install: Install) -> str:
    """Return the instance that a template is enabled as.

    Raises:
        Problem: it names none.
    """
    if not install.default_instance:
        raise Problem(
            "",
            f"{template} is a template, and cannot be enabled without an instance",
            why="it names no instance of its own, DefaultInstance=",
            fix=f"name one: {unitfile.instance_of(template, 'NAME')}",
            code="IK-SVC-007",
        )
    return unitfile.instance_of(template, install.default_instance)


def _absent(guest: Guest, unit: str) -> Problem:
    if _is_masked(guest, unit):
        return Problem(
            "", f"{unit} is masked in this image", fix=f"remove {ADMIN_UNITS}/{unit} first", code="IK-SVC-002"
        )
    near = _near(guest, unit)
    return Problem(
        "",
        f"this image has no {unit}",
        fix=f"did you mean {near}?" if near else "install the package that brings it in an earlier step",
        code="IK-SVC-001",
    )


def _near(guest: Guest, unit: str) -> str:
    stem, _, kind = unit.rpartition(".")
    names = [paths.name(path) for folder in UNIT_FOLDERS for path in guest.glob_expand(f"{folder}/{stem}*.{kind}")]
    return names[0] if names else ""


def _is_masked(guest: Guest, unit: str) -> bool:
    path = f"{ADMIN_UNITS}/{unit}"
    return guest.is_symlink(path) and guest.readlink(path) == NOWHERE


def _file_of(guest: Guest, unit: str) -> str | None:
    """Return the path of a unit's file: its own, else its template's."""
    template = template_of(unit)
    return units.find_unit(guest, unit) or (units.find_unit(guest, template) if template else None)


def _real_name(guest: Guest, unit: str) -> str:
    """Return a unit's own name where this one is an alias: a link to a unit file of another name."""
    path = units.find_unit(guest, unit)
    if path is None or not guest.is_symlink(path):
        return unit
    own = paths.name(guest.realpath(path))
    return own if unitfile.full_name(own) == own else unit


def _install(guest: Guest, unit: str, path: str) -> Install:
    """Return what a unit's file and its drop-ins ask for."""
    names = [unit, *filter(None, [template_of(unit)])]
    drop_ins = (text for name in names for text in units.drop_in_texts(guest, name))
    return unitfile.install_section("\n".join((read_text(guest, path), *drop_ins)))


def _links_of(guest: Guest, unit: str) -> Iterator[str]:
    """Yield the links in /etc/systemd/system that enable a unit: by their own name, or by the name they lead to."""
    for path in guest.glob_expand(_LINKS):
        if not guest.is_symlink(path) or path == f"{ADMIN_UNITS}/{unit}":
            continue
        target = guest.readlink(path).rpartition("/")[2]
        name = paths.name(path)
        if (
            name == unit
            or template_of(name) == unit
            or (paths.parent(path) == ADMIN_UNITS and _is_alias(name, target, unit))
        ):
            yield path


def _is_alias(name: str, target: str, unit: str) -> bool:
    """Tell whether a link of another name stands for a unit: it leads to its file, and to the same instance of it."""
    template = template_of(unit)
    same = name.partition("@")[2] == unit.partition("@")[2]
    return target == unit or (bool(template) and target == template and same)
