"""Our own service for guests where nobody makes SSH host keys: for systemd, OpenRC and System V init.

It makes host keys if there are none, and never touches one that is there: so it may run at each boot, and leaves
nothing behind but keys. It runs before cloud-init, so that the two never write the same file at once; cloud-init then
replaces the keys of a new instance, as it would have done anyway.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from imagekit.diagnostics import Problem
from imagekit.guest import paths
from imagekit.system import sshd
from imagekit.system.keymakers import KEYGEN

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

NAME = "imagekit-ssh-host-keys"
UNIT = f"{NAME}.service"
SCRIPT = f"/etc/init.d/{NAME}"


@dataclass(frozen=True, slots=True)
class Wanted:
    """The keys that are to be there after each boot.

    Attributes:
        standard: those that ``ssh-keygen -A`` makes.
        own: path -> algorithm of each key at a place of its own.
    """

    standard: bool
    own: Mapping[str, str]


def wanted(keys: Sequence[str], kinds: Mapping[str, str]) -> Wanted:
    """Return which keys are to be made.

    Args:
        keys: what the configuration names; () for sshd's defaults.
        kinds: the algorithm of each key that is not a standard one, by path.

    Raises:
        Problem: a key's path holds characters that a unit would have to quote.
    """
    own = {key: kinds[key] for key in keys if key not in sshd.STANDARD_KEYS}
    for key in own:
        if not re.fullmatch(r"[A-Za-z0-9_./+-]+", key):
            raise Problem(
                "",
                f"sshd_config names a host key at {key!r}, a path that imagekit does not quote in a unit",
                fix="give the key a path of letters, digits, dots and dashes",
                code="IK-SSH-003",
            )
    return Wanted(len(own) < len(keys) or not keys, own)


def _make(key: str, kind: str) -> str:
    """Return the shell words that make one key; an empty file is what a power cut leaves, and would be asked about."""
    return f"mkdir -p {paths.parent(key)} && rm -f {key} && {KEYGEN} -q -t {kind} -N '' -f {key}"


_UNIT_TEMPLATE = """\
[Unit]
Description=Make SSH host keys if this machine has none
DefaultDependencies=no
RequiresMountsFor={folders}
After=systemd-remount-fs.service systemd-random-seed.service
Before=cloud-init-local.service cloud-init-main.service
Before=sshd-keygen.service sshd-keygen.target sshdgenkeys.service
Before=ssh.service sshd.service ssh.socket sshd.socket
Before=shutdown.target
Conflicts=shutdown.target
{conditions}

[Service]
Type=oneshot
RemainAfterExit=yes
{commands}

[Install]
WantedBy=multi-user.target
"""


def systemd_unit(keys: Wanted) -> str:
    """Return the unit.

    It has no default dependencies: the order before ssh.socket, which comes before basic.target, would else be a
    cycle. No ConditionFirstBoot either, which an empty machine-id does not meet. One standard key is enough to keep
    ``ssh-keygen -A`` from running: cloud-init may have been told to make some of them only.
    """
    conditions = [f"ConditionFileNotEmpty=|!{key}" for key in keys.own]
    commands = [f'ExecStart=/bin/sh -c "test -s {key} || {{ {_make(key, kind)}; }}"' for key, kind in keys.own.items()]
    if keys.standard:
        conditions.insert(0, "ConditionPathExistsGlob=|!/etc/ssh/ssh_host_*_key")
        commands.insert(0, f"ExecStart={KEYGEN} -A")
    return _UNIT_TEMPLATE.format(
        folders=" ".join(dict.fromkeys(["/etc/ssh", *(paths.parent(key) for key in keys.own), KEYGEN])),
        conditions="\n".join(conditions),
        commands="\n".join(commands),
    )


def _make_all(keys: Wanted) -> str:
    """Return a shell function that makes what is missing."""
    lines = ["set -- /etc/ssh/ssh_host_*_key", f'[ -s "$1" ] || {KEYGEN} -A || return 1'] if keys.standard else []
    lines += [f"[ -s {key} ] || {{ {_make(key, kind)}; }} || return 1" for key, kind in keys.own.items()]
    return "make_keys() {\n" + "".join(f"\t{line}\n" for line in lines) + "}\n"


_OPENRC_TEMPLATE = """\
#!/sbin/openrc-run

description="Make SSH host keys if this machine has none"

depend() {{
	need localmount
	after bootmisc urandom
	before cloud-init-local sshd dropbear
}}

{make}
start() {{
	ebegin "Making SSH host keys if there are none"
	make_keys
	eend $?
}}
"""

_SYSV_TEMPLATE = """\
#!/bin/sh
### BEGIN INIT INFO
# Provides:          {name}
# Required-Start:    $remote_fs
# Required-Stop:
# X-Start-Before:    ssh sshd cloud-init-local
# Default-Start:     2 3 4 5
# Default-Stop:
# Short-Description: Make SSH host keys if this machine has none
### END INIT INFO

{make}
case "$1" in
	start) make_keys ;;
	stop | restart | reload | force-reload | status) ;;
	*) echo "Usage: $0 start" >&2; exit 3 ;;
esac
"""


def openrc_script(keys: Wanted) -> str:
    """Return the init script for OpenRC, openrc-run(8)."""
    return _OPENRC_TEMPLATE.format(make=_make_all(keys))


def sysv_script(keys: Wanted) -> str:
    """Return the init script for System V init, with the header that insserv(8) and chkconfig(8) read."""
    return _SYSV_TEMPLATE.format(name=NAME, make=_make_all(keys))
