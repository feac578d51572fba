r"""System V services: links in rcN.d, as update-rc.d(8) and chkconfig(8) make them.

Where a script says how it is to be started, in the LSB header ``### BEGIN INIT INFO`` or in ``# chkconfig: 345 85 15``,
that is followed. Two digits order the scripts of a runlevel: this one comes right after those that it requires.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from imagekit.diagnostics import Problem
from imagekit.system.services import initscript, links
from imagekit.system.services.links import Edits, Link
from imagekit.system.text import read_text, write_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from imagekit.guest.protocol import Guest
    from imagekit.system.services.initscript import State

LEVELS = "0123456S"
_MULTI_USER = "2345"
_START, _LAST = 20, 99
"""Where a script starts that requires nothing: the default of update-rc.d(8); and the last place there is."""
DEPENDENCIES = "/etc/init.d/.depend.start"
"""What startpar(8) starts, in the form of a makefile: what is linked but not in it is left out."""
_FACILITIES = {
    "$local_fs": ("mountall", "checkfs"),
    "$remote_fs": ("mountnfs", "mountall"),
    "$network": ("networking", "network"),
    "$syslog": ("rsyslog", "sysklogd", "syslog"),
    "$named": ("named", "bind9"),
    "$portmap": ("rpcbind", "portmap"),
    "$time": ("hwclock",),
}
"""Scripts that stand for the facilities of the LSB, as /etc/insserv.conf has them."""


@dataclass(frozen=True, slots=True)
class Header:
    """What a script says of itself.

    Attributes:
        start: runlevels in which it runs.
        end: runlevels in which it is stopped.
        requires: scripts and facilities that start before it.
        before: scripts that start after it.
        number: its place as it says itself; None if it does not.
        stop: its place when it is stopped; None if it does not say.
    """

    start: str = _MULTI_USER
    end: str = ""
    requires: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    number: int | None = None
    stop: int | None = None


def header_of(text: str) -> Header:
    """Read both headers of a script; where both are, the LSB's has the runlevels, the other the numbers."""
    block = re.search(r"^### BEGIN INIT INFO$(.*?)^### END INIT INFO$", text, re.MULTILINE | re.DOTALL)
    fields = dict(re.findall(r"^# ([\w-]+):[ \t]*(.*?)[ \t]*$", block[1] if block else "", re.MULTILINE))
    chkconfig = re.search(r"^#\s*chkconfig:\s*([0-6]+|-)\s+(\d+)\s+(\d+)", text, re.MULTILINE)
    levels = "".join(level for level in fields.get("Default-Start", "").split() if level in LEVELS)
    ends = "".join(level for level in fields.get("Default-Stop", "").split() if level in LEVELS)
    if chkconfig:
        levels = levels or chkconfig[1].strip("-")
        ends = ends or "".join(level for level in "0123456" if level not in (levels or _MULTI_USER))
    return Header(
        start=levels or _MULTI_USER,
        end=ends,
        requires=tuple(f"{fields.get('Required-Start', '')} {fields.get('Should-Start', '')}".split()),
        before=tuple(fields.get("X-Start-Before", "").split()),
        number=int(chkconfig[2]) if chkconfig else None,
        stop=int(chkconfig[3]) if chkconfig else None,
    )


def order_of(header: Header, started: Mapping[str, int]) -> int:
    """Return a script's place: its own number, else right after all that it requires, before what it must precede.

    Args:
        header: what the script says.
        started: the place of each script that is started, by name.
    """
    if header.number is not None:
        return header.number
    if "$all" in header.requires:
        return _LAST
    wanted = (script for name in header.requires for script in _FACILITIES.get(name, (name,)))
    after = max((started[script] for script in wanted if script in started), default=_START - 1) + 1
    return max(1, min([after, _LAST, *(started[name] - 1 for name in header.before if name in started)]))


def planned(name: str, header: Header, folders: Mapping[str, str], there: Iterable[str]) -> Edits:
    """Return what enables a script.

    Args:
        name: of the script.
        header: what it says.
        folders: the folder of each runlevel.
        there: the paths of all links in those folders.
    """
    paths = tuple(there)
    started = {match[2]: int(match[1]) for path in paths if (match := re.search(r"/S(\d\d)([^/]+)$", path))}
    own = [path for path in paths if re.search(rf"/[SK]\d\d{re.escape(name)}$", path)]
    number = order_of(header, started)
    place = {level: f"{folders[level]}/S{number:02}{name}" for level in header.start if level in folders}
    ends = [level for level in header.end if level in folders and level not in place]
    stops = {level: stopped(f"{folders[level]}/S{number:02}{name}", name, header.stop) for level in ends}
    keep = {level: path for level, path in ((_level(path), path) for path in own) if level in place and _starts(path)}
    stale = [path for path in own if _level(path) in place and path not in keep.values()]
    return Edits(
        remove=tuple(stale),
        make=tuple(
            Link(path, f"../init.d/{name}")
            for level, path in {**place, **stops}.items()
            if level not in keep and (level in place or level not in map(_level, own))
        ),
    )


def _level(path: str) -> str:
    found = re.search(r"/rc([0-6S])\.d/[^/]+$", path)
    return found[1] if found else ""


def _starts(path: str) -> bool:
    return path.rpartition("/")[2].startswith("S")


class SysV:
    """Services of System V init."""

    def state(self, guest: Guest, name: str) -> State:
        """Return whether a script is started in any runlevel."""
        if not guest.exists(initscript.path_of(name)):
            return "missing"
        if initscript.is_masked(guest, name):
            return "masked"
        return "enabled" if any(_starts(path) for path in _links_of(guest, name)) else "disabled"

    def enable(self, guest: Guest, name: str) -> None:
        """Start a script in the runlevels that its header names.

        Raises:
            Problem: there is no such script, it is masked, or there are no runlevels.
        """
        initscript.must_be_startable(guest, name)
        header = header_of(read_text(guest, initscript.path_of(name)))
        folders = _folders(guest)
        if not folders:
            raise Problem("", f"this image has no rcN.d folders that would start {name}", code="IK-SVC-008")
        there = [path for folder in folders.values() for path in guest.glob_expand(f"{folder}/[SK][0-9][0-9]*")]
        links.apply(guest, planned(name, header, folders, there))
        if guest.is_file(DEPENDENCIES):
            write_text(guest, DEPENDENCIES, with_target(read_text(guest, DEPENDENCIES), name, header))

    def disable(self, guest: Guest, name: str) -> None:
        """Stop a script in every runlevel in which it was started, by a K link as ``update-rc.d disable`` leaves.

        Raises:
            Problem: there is no such script.
        """
        initscript.must_exist(guest, name)
        stop = header_of(read_text(guest, initscript.path_of(name))).stop
        starting = [path for path in _links_of(guest, name) if _starts(path)]
        links.apply(
            guest,
            Edits(tuple(starting), tuple(Link(stopped(path, name, stop), f"../init.d/{name}") for path in starting)),
        )
        if guest.is_file(DEPENDENCIES):
            write_text(guest, DEPENDENCIES, without_target(read_text(guest, DEPENDENCIES), name))

    def mask(self, guest: Guest, name: str) -> None:
        """Disable a script, and have nothing run it."""
        if guest.exists(initscript.path_of(name)):
            self.disable(guest, name)
            initscript.mask(guest, name)


def _folders(guest: Guest) -> dict[str, str]:
    """Return the folder of each runlevel that has one: those of RHEL and SUSE are below /etc/rc.d."""
    choices = ((level, f"{base}/rc{level}.d") for level in LEVELS for base in ("/etc/rc.d", "/etc"))
    found: dict[str, str] = {}
    for level, folder in choices:
        if level not in found and guest.is_dir(folder):
            found[level] = folder
    return found


def _links_of(guest: Guest, name: str) -> list[str]:
    patterns = (f"{folder}/[SK][0-9][0-9]{name}" for folder in _folders(guest).values())
    return [path for pattern in patterns for path in guest.glob_expand(pattern)]


def stopped(path: str, name: str, stop: int | None) -> str:
    """Return the path of the link that stops a script, by that of the one that starts it."""
    folder, _, link = path.rpartition("/")
    number = 100 - int(link[1:3]) if stop is None else stop
    return f"{folder}/K{number:02}{name}"


def with_target(text: str, name: str, header: Header) -> str:
    """Return a .depend.start that starts a script too, after what it requires and before what it must precede."""
    targets = _targets(text)
    if not targets or name in targets:
        return text
    required = [script for one in header.requires for script in _FACILITIES.get(one, (one,)) if script in targets]
    text = re.sub(r"^TARGETS =.*$", f"TARGETS = {' '.join([*targets, name])}", text, count=1, flags=re.MULTILINE)
    text += f"{name}: {' '.join(required)}\n" if required else ""
    for later in (each for each in header.before if each in targets):
        line = re.compile(rf"^{re.escape(later)}:", re.MULTILINE)
        text = line.sub(f"{later}: {name}", text, count=1) if line.search(text) else f"{text}{later}: {name}\n"
    return text


def without_target(text: str, name: str) -> str:
    """Return a .depend.start that no longer starts a script."""
    targets = _targets(text)
    if name not in targets:
        return text
    kept = [line for line in text.splitlines() if not line.startswith(f"{name}:")]
    return "".join(f"{_without(line, name)}\n" for line in kept)


def _without(line: str, name: str) -> str:
    head, mark, rest = line.partition(" =" if line.startswith("TARGETS") else ":")
    words = [word for word in rest.split() if word != name]
    return f"{head}{mark} {' '.join(words)}".rstrip() if mark else line


def _targets(text: str) -> Sequence[str]:
    found = re.search(r"^TARGETS =(.*)$", text, re.MULTILINE)
    return found[1].split() if found else ()
