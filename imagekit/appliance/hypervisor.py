"""qemu as libguestfs starts it: which one, and a shim in front of it so that it never outlives its worker."""

from __future__ import annotations

import json
import os
import platform
import shlex
import shutil
from pathlib import Path
from typing import Literal

from imagekit.appliance import shim
from imagekit.process import ToolMissing

_NOTE = """#!/bin/sh
# libguestfs keeps its socket in a folder of its own below /tmp, and nothing but this command line says in which.
for word; do
    case $word in
        socket,path=*/guestfsd.sock,*)
            folder=${word#socket,path=}
            printf '%s\\n' "${folder%/guestfsd.sock,*}" >>"${0%/*}/elsewhere" ;;
    esac
done
"""

_SHIM = """\
# The machine dies with the worker that started it, whatever ends that, and can never gain privileges.
exec {setpriv} --pdeathsig KILL --no-new-privs -- {qemu} "$@"
"""

_WARM_SHIM = """\
exec {python} -I -S {shim} "${{0%/*}}" "$@"
"""

SANDBOX = ("-sandbox", "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny")
"""qemu's own system call filter; seen to work with the direct backend (SECCOMP mode 2 in /proc/PID/status)."""


def find_qemu(arch: str | None = None) -> Path:
    """Return qemu's system emulator for the host's own architecture.

    Raises:
        ToolMissing: it is not installed.
    """
    name = f"qemu-system-{arch or platform.machine()}"
    for candidate in (name, "qemu-kvm", "/usr/libexec/qemu-kvm"):
        found = shutil.which(candidate)
        if found:
            return Path(found)
    raise ToolMissing(name)


def write_shim(folder: Path, qemu: Path) -> Path:
    """Write the shim into a session's private folder and return its path.

    The shim adds to the file ``elsewhere`` in that folder the path of the one that libguestfs made for its socket.
    It is to be removed together with the private one: guestfs_close(3) would do it, but no worker that is killed.

    libguestfs keeps what it learnt of a qemu under the size and time of the file that it starts (lib/qemu.c), so
    the shim takes over qemu's time, and its text holds no path of a session: two sessions share that knowledge, and
    a new qemu is asked anew.

    Raises:
        ToolMissing: setpriv (util-linux) is not installed.
    """
    return _written(
        folder / "qemu", _SHIM.format(setpriv=shlex.quote(str(_setpriv())), qemu=shlex.quote(str(qemu))), qemu
    )


def write_warm_shim(
    folder: Path, qemu: Path, interpreter: str, *, mode: Literal["record", "resume"], states: Path, root: Path | None
) -> Path:
    """Write the shim that saves or resumes an appliance, and what it shall do; see ``appliance.shim``.

    Args:
        folder: a session's private folder.
        qemu: the real one.
        interpreter: a Python to run the shim.
        mode: save a machine, or resume one.
        states: the folder of the saved ones.
        root: the file for the root of a machine that is saved.

    Raises:
        ToolMissing: setpriv (util-linux) is not installed.
    """
    config = {"mode": mode, "qemu": qemu, "setpriv": _setpriv(), "states": states, "root": root or ""}
    (folder / shim.ANSWER).unlink(missing_ok=True)
    (folder / shim.CONFIG).write_text(json.dumps({name: str(value) for name, value in config.items()}))
    text = _WARM_SHIM.format(python=shlex.quote(interpreter), shim=shlex.quote(str(Path(shim.__file__))))
    return _written(folder / "qemu-warm", text, qemu)


def _setpriv() -> str:
    found = shutil.which("setpriv")
    if found is None:
        raise ToolMissing("setpriv")
    return found


def _written(path: Path, text: str, qemu: Path) -> Path:
    path.write_text(_NOTE + text)
    path.chmod(0o700)
    when = qemu.stat().st_mtime_ns
    os.utime(path, ns=(when, when))
    return path
