"""KVM that works, or emulation (TCG): found out once, remembered for this host, qemu and kernel.

``/dev/kvm`` can exist, open, and create a machine, and still be useless: qemu aborts while it sets a register, or
the guest hangs in its firmware. libguestfs only sees a launch that fails or never ends. So KVM is trusted after an
appliance really came up with it, and distrusted after one did not within a time limit.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import platform
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Accelerator = Literal["kvm", "tcg"]
KVM_LAUNCH_SECONDS = 30.0
"""How long a first launch with KVM may take. A working one needs 2 to 6 s, nested ones up to 15 s."""

_DEVICE = Path("/dev/kvm")


@dataclass(frozen=True, slots=True)
class Host:
    """What a verdict on KVM depends on."""

    machine: str
    qemu: str
    kernel: str

    @classmethod
    def here(cls, qemu: Path) -> Host:
        """Describe this host: who it is, which qemu (path, size and time) and which kernel it runs."""
        stat = qemu.stat()
        try:
            machine = hashlib.sha256(Path("/etc/machine-id").read_bytes()).hexdigest()[:16]
        except OSError:
            machine = platform.node()
        return cls(machine, f"{qemu}:{stat.st_size}:{stat.st_mtime_ns}", platform.release())

    @property
    def key(self) -> str:
        """The name under which a verdict is kept."""
        return hashlib.sha256(f"{self.machine}\n{self.qemu}\n{self.kernel}".encode()).hexdigest()[:32]


def device_usable(device: Path = _DEVICE) -> bool:
    """Tell whether this user may open the KVM device at all."""
    return os.access(device, os.R_OK | os.W_OK)


class Verdicts:
    """What is known of KVM on the hosts that share a cache folder: one small file per host, qemu and kernel."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def _file(self, host: Host) -> Path:
        return self._folder / f"kvm-{host.key}.json"

    def recall(self, host: Host) -> Accelerator | None:
        """Return the verdict for a host, or None if there is none that can be read."""
        try:
            verdict = json.loads(self._file(host).read_text())["accelerator"]
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return verdict if verdict in ("kvm", "tcg") else None

    def remember(self, host: Host, accelerator: Accelerator, reason: str) -> None:
        """Keep a verdict; a cache that cannot be written costs time at the next run, nothing else."""
        text = json.dumps({"accelerator": accelerator, "reason": reason, "qemu": host.qemu, "kernel": host.kernel})
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            temporary = self._folder / f".kvm-{host.key}.{os.getpid()}"
            temporary.write_text(text)
            temporary.replace(self._file(host))
        except OSError:
            return

    def forget(self, host: Host) -> None:
        """Drop the verdict, so that the next launch finds out anew."""
        with contextlib.suppress(OSError):
            self._file(host).unlink()


def cache_folder() -> Path:
    """Return the user's cache folder for imagekit (XDG Base Directory Specification)."""
    root = os.environ.get("XDG_CACHE_HOME") or ""
    base = Path(root) if root.startswith("/") else Path.home() / ".cache"
    return base / "imagekit"
