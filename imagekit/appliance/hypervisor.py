"""qemu as libguestfs starts it: which one, and a shim in front of it so that it never outlives its worker."""

from __future__ import annotations

import os
import platform
import shlex
import shutil
from pathlib import Path

from imagekit.process import ToolMissing

_SHIM = """#!/bin/sh
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

    libguestfs keeps what it learnt of a qemu under the size and time of the file that it starts (lib/qemu.c), so
    the shim takes over qemu's time: two sessions share that knowledge, and a new qemu is asked anew.

    Raises:
        ToolMissing: setpriv (util-linux) is not installed.
    """
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise ToolMissing("setpriv")
    shim = folder / "qemu"
    shim.write_text(_SHIM.format(setpriv=shlex.quote(setpriv), qemu=shlex.quote(str(qemu))))
    shim.chmod(0o700)
    when = qemu.stat().st_mtime_ns
    os.utime(shim, ns=(when, when))
    return shim
