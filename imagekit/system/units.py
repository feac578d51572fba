"""systemd units as they are found; and services of our own, written and enabled for each init."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from imagekit.diagnostics import Problem
from imagekit.system.services import openrc
from imagekit.system.services.links import Edits, Link, apply
from imagekit.system.services.sysv import SysV
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


@dataclass(frozen=True, slots=True)
class Job:
    """A short piece of work that is done at each boot, and knows itself whether there is anything left to do.

    Attributes:
        name: of the service, its script and its unit: ``imagekit-…``.
        description: one line for who lists services.
        script: lines for /bin/sh.
        before: names of services that start after it, without ``.service``.
        after: names of services that start before it.
    """

    name: str
    description: str
    script: str
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


SCRIPTS = "/usr/local/libexec/imagekit"
"""Where the scripts of jobs are; SELinux' policy has programs there."""


def install(guest: Guest, job: Job) -> None:
    """Write a job for the guest's init, and have it run at each boot.

    Raises:
        Problem: the guest's init is not known.
    """
    init = guest.facts.init
    if init == "unknown":
        raise Problem("", f"imagekit does not know what starts services here, so {job.name} cannot run at boot")
    guest.mkdir_p(SCRIPTS)
    _write_program(guest, f"{SCRIPTS}/{job.name}", f"#!/bin/sh\n{job.script.rstrip()}\n")
    if init == "systemd":
        install_unit(guest, f"{job.name}.service", systemd_text(job))
    elif init == "openrc":
        install_openrc(guest, job.name, openrc_text(job), "default")
    else:
        install_sysv(guest, job.name, sysv_text(job))


def systemd_text(job: Job) -> str:
    """Return a job's unit, systemd.service(5)."""
    before = " ".join(f"{name}.service" for name in job.before)
    after = " ".join(["local-fs.target", *(f"{name}.service" for name in job.after)])
    return f"""\
[Unit]
Description={job.description}
After={after}
{f"Before={before}" if before else "# nothing waits for it"}

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh {SCRIPTS}/{job.name}

[Install]
WantedBy=multi-user.target
"""


def openrc_text(job: Job) -> str:
    """Return a job's script for OpenRC, openrc-run(8)."""
    before = f"\n\tbefore {' '.join(job.before)}" if job.before else ""
    return f"""\
#!/sbin/openrc-run

description="{job.description}"

depend() {{
	need localmount
	after {" ".join(["bootmisc", *job.after])}{before}
}}

start() {{
	ebegin "{job.description}"
	/bin/sh {SCRIPTS}/{job.name}
	eend $?
}}
"""


def sysv_text(job: Job) -> str:
    """Return a job's script for System V init, with the header of the LSB."""
    before = f"# X-Start-Before:    {' '.join(job.before)}\n" if job.before else ""
    return f"""\
#!/bin/sh
### BEGIN INIT INFO
# Provides:          {job.name}
# Required-Start:    {" ".join(["$remote_fs", *job.after])}
# Required-Stop:
{before}# Default-Start:     2 3 4 5
# Default-Stop:
# Short-Description: {job.description}
### END INIT INFO

case "$1" in
	start) exec /bin/sh {SCRIPTS}/{job.name} ;;
	stop | restart | reload | force-reload | status) ;;
	*) echo "Usage: $0 start" >&2; exit 3 ;;
esac
"""


def install_unit(guest: Guest, name: str, text: str, *, wanted_by: str = "multi-user.target") -> None:
    """Write a unit to /etc/systemd/system and enable it there, as ``systemctl enable`` would."""
    path = f"{ADMIN_UNITS}/{name}"
    guest.mkdir_p(ADMIN_UNITS)
    write_text(guest, path, text)
    apply(guest, Edits(make=(Link(f"{ADMIN_UNITS}/{wanted_by}.wants/{name}", path),)))


def install_openrc(guest: Guest, name: str, text: str, runlevel: str) -> None:
    """Write a script of OpenRC and put it into a runlevel."""
    _write_program(guest, f"/etc/init.d/{name}", text)
    openrc.enable(guest, name, runlevel)


def install_sysv(guest: Guest, name: str, text: str) -> None:
    """Write a script of System V init and have it started where its header says."""
    _write_program(guest, f"/etc/init.d/{name}", text)
    SysV().enable(guest, name)


def added(guest: Guest) -> tuple[str, ...]:
    """Return the names of the services of our own that this guest has, sorted; those that it masked are not told."""
    found = guest.glob_expand(f"/{{{ADMIN_UNITS[1:]}/imagekit-*.service,etc/init.d/imagekit-*}}")
    there = (path for path in found if guest.is_file(path))
    return tuple(sorted({path.rpartition("/")[2].removesuffix(".service") for path in there}))


def _write_program(guest: Guest, path: str, text: str) -> None:
    guest.mkdir_p(path.rpartition("/")[0])
    write_text(guest, path, text)
    guest.chmod(0o755, path)
