"""Run one guest program so that nothing of it stays: namespaces of its own, a capped output, an exit status.

guestfs(3)'s own ``command`` gives no exit status, fails on output past 4 MB, lets daemons live on, and leaves
what programs write to /run in the image. Here the program gets its own mount, process and IPC namespace, and a
network namespace without a card unless it may use the network. When it ends, the kernel ends all that it started
(pid_namespaces(7)) and every mount made for it goes with the namespace.
"""

from __future__ import annotations

import base64
import shlex
from typing import TYPE_CHECKING

from imagekit.appliance.channel import VerbRefused
from imagekit.appliance.errors import ApplianceDied, StepTimeout, VerbTimeout
from imagekit.guest.errors import VerbFailed
from imagekit.guest.protocol import CommandResult

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from imagekit.appliance.memory import Remembering

LONGEST_RUN = 3600.0
"""Seconds that a program may take when its step says nothing."""
_OUTPUT = 1 << 20
_LONGEST_SCRIPT = 120_000
"""One argument of a program ends at 128 KiB on Linux (MAX_ARG_STRLEN, execve(2))."""

ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": "/root",
    "LC_ALL": "C.UTF-8",
    "SHELL": "/bin/sh",
    "TERM": "dumb",
}
"""What every guest program sees; a step may add to it."""

_ROOT = "/sysroot"


def inner_script(argv: Sequence[str], env: Mapping[str, str], *, resolver: str | None, mark: str) -> str:
    """Return what runs inside the namespaces: mounts, then the program.

    Args:
        argv: the program and its arguments.
        env: its whole environment.
        resolver: guest path at which it looks for resolv.conf, links resolved; None without network.
        mark: appliance path of a file that is made once everything is in place.
    """
    lines = [
        "set -e",
        "mount --make-rprivate /",
        f"[ ! -d {_ROOT}/dev ] || mount --rbind /dev {_ROOT}/dev",
        f"[ ! -d {_ROOT}/proc ] || mount -t proc proc {_ROOT}/proc",
        f"[ ! -d {_ROOT}/sys ] || mount --rbind /sys {_ROOT}/sys",
        f"[ ! -d {_ROOT}/run ] || {{ mount -t tmpfs -o mode=0755 tmpfs {_ROOT}/run; mkdir {_ROOT}/run/lock; }}",
        "ip link set lo up 2>/dev/null || :",
    ]
    if resolver is not None:
        where = shlex.quote(_ROOT + resolver)
        folder = shlex.quote((_ROOT + resolver).rpartition("/")[0])
        lines += [f"mkdir -p {folder}", f"[ -e {where} ] || : > {where}", f"mount --bind /etc/resolv.conf {where}"]
    words = " ".join(shlex.quote(word) for word in argv)
    settings = " ".join(shlex.quote(f"{name}={value}") for name, value in env.items())
    # The shell stays as the first process of the namespace, since the kernel shields that one from signals of its
    # own; its remarks on how the program ended ("Killed") are not the program's output.
    program = f"env -i {settings} chroot {_ROOT} {words} 2>&3 3>&- & wait $!"
    return "\n".join([*lines, "set +e", f": > {mark}", "exec 3>&2 2>/dev/null", program, "exit $?"])


def outer_script(inner: str, *, network: bool) -> str:
    """Return what runs in the appliance: namespaces around ``inner``; prints output (base64), status and mark."""
    apart = "--mount --pid --fork --kill-child --ipc" + ("" if network else " --net")
    return (
        f"d=$(mktemp -d /tmp/imagekit.XXXXXX); export d; {{ unshare {apart} sh -c {shlex.quote(inner)}; "
        f"echo $? > $d/status; }} </dev/null 2>&1 | tail -c {_OUTPUT} | base64 -w0; echo; "
        "cat $d/status; [ -e $d/mark ] && echo ran; rm -rf $d; true"
    )


def run_program(
    session: Remembering,
    argv: Sequence[str],
    *,
    env: Mapping[str, str],
    network: bool,
    timeout: float | None,
    resolver: str,
) -> CommandResult:
    """Run a program of the mounted guest as root and return how it ended.

    Raises:
        VerbFailed: the namespaces could not be made, or the command line is empty, too long or no text.
        StepTimeout: it took longer than ``timeout`` seconds; the session is over.
    """
    place = resolver if network else None
    script = _script(argv, {**ENVIRONMENT, **env}, place)
    made = place is not None and not place.startswith("/run/") and _missing(session, place)
    try:
        answer = session.script(script, deadline=timeout or LONGEST_RUN)
    except VerbTimeout as late:
        raise StepTimeout(argv[0], late.seconds) from late
    except VerbRefused as refused:
        raise VerbFailed("command", "", refused.text.strip()) from refused
    if made:
        session.script(f"rm -f {shlex.quote(_ROOT + str(place))}")
    return _result(answer)


def _script(argv: Sequence[str], env: Mapping[str, str], resolver: str | None) -> str:
    if not argv:
        raise VerbFailed("command", "", "no program is named")
    inner = inner_script(argv, env, resolver=resolver, mark="$d/mark")
    script = outer_script(inner, network=resolver is not None)
    try:
        size = len(script.encode())
    except UnicodeEncodeError as unencodable:
        raise VerbFailed("command", "", "a word of the command line is no text") from unencodable
    if size > _LONGEST_SCRIPT:
        raise VerbFailed(
            "command", "", "the command line and its environment are longer than 120 kB; use a script file"
        )
    return script


def _missing(session: Remembering, path: str) -> bool:
    return session.script(f"[ -e {shlex.quote(_ROOT + path)} ] && echo there; true").strip() != "there"


def _result(answer: str) -> CommandResult:
    """Read what ``outer_script`` printed."""
    output, _, rest = answer.partition("\n")
    status, _, mark = rest.strip().partition("\n")
    try:
        data = base64.b64decode(output, validate=True)
    except ValueError:
        data, status = answer.encode(), ""
    if not status.isdigit():
        raise ApplianceDied("command", "the appliance could not run it: " + data.decode(errors="replace")[-300:])
    if mark.strip() != "ran":
        raise VerbFailed("command", "", "the appliance could not prepare it: " + data.decode(errors="replace")[-300:])
    return CommandResult(int(status), data)
