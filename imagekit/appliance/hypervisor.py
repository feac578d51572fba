"""qemu as libguestfs starts it: which one, and a shim in front of it so that it never outlives its worker."""

from __future__ import annotations

import os
import platform
import shlex
import shutil
from pathlib import Path

from imagekit.process import ToolMissing

_SHIM = """#!/bin/sh
# libguestfs keeps its socket in a folder of its own below /tmp, and nothing but this command line says in which.
for word; do
    case $word in
        socket,path=*/guestfsd.sock,*)
            folder=${{word#socket,path=}}
            printf '%s\\n' "${{folder%/guestfsd.sock,*}}" >>{elsewhere} ;;
    esac
done
# The machine dies with the worker that started it, whatever ends that, and can never gain privileges.
exec {setpriv} --pdeathsig KILL --no-new-privs -- {qemu} "$@"
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
    the shim takes over qemu's time: two sessions share that knowledge, and a new qemu is asked anew.

    Raises:
        ToolMissing: setpriv (util-linux) is not installed.
    """
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise ToolMissing("setpriv")
    shim = folder / "qemu"
    words = {"setpriv": setpriv, "qemu": qemu, "elsewhere": folder / "elsewhere"}
    shim.write_text(_SHIM.format(**{name: shlex.quote(str(word)) for name, word in words.items()}))
    shim.chmod(0o700)
    when = qemu.stat().st_mtime_ns
    os.utime(shim, ns=(when, when))
    return shim
