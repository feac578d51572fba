"""What the machine is that measured: numbers mean nothing without it."""

from __future__ import annotations

import os
import platform
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.running import run

if TYPE_CHECKING:
    from collections.abc import Mapping


def describe(base: Path, receipt: Mapping[str, Any]) -> dict[str, Any]:
    """Return the machine, what runs on it, and the image; the receipt tells what imagekit used."""
    stat = base.stat()
    return {
        "cores": len(os.sched_getaffinity(0)),
        "cpu": cpu_model(_read("/proc/cpuinfo")),
        "memory_gib": memory_gib(_read("/proc/meminfo")),
        "kernel": platform.release(),
        "distribution": platform.freedesktop_os_release().get("PRETTY_NAME", "unknown"),
        "qemu": version_in(run([f"qemu-system-{platform.machine()}", "--version"], os.environ)),
        "libguestfs": version_in(run(["virt-customize", "--version"], os.environ)),
        "python": platform.python_version(),
        "imagekit": receipt["versions"]["imagekit"],
        "accelerator": receipt["appliance"]["accelerator"],
        "appliance_memory_mib": receipt["appliance"]["memory"],
        "appliance_cpus": receipt["appliance"]["cpus"],
        "image": {
            "guest": receipt["guest"]["name"],
            "bytes": stat.st_size,
            "bytes_on_disk": stat.st_blocks * 512,
            "virtual_bytes": receipt["base"]["virtual_size"],
        },
    }


def cpu_model(cpuinfo: str) -> str:
    """Return the model of the first core in the text of /proc/cpuinfo; Arm has no such line."""
    found = re.search(r"^model name\s*:\s*(.+)$", cpuinfo, re.MULTILINE)
    return " ".join(found[1].split()) if found else platform.machine()


def memory_gib(meminfo: str) -> float:
    """Return all memory in the text of /proc/meminfo, in GiB."""
    found = re.search(r"^MemTotal:\s*(\d+) kB$", meminfo, re.MULTILINE)
    return round(int(found[1]) / (1 << 20), 1) if found else 0.0


def version_in(text: str) -> str:
    """Return the first version in what a tool says of itself."""
    found = re.search(r"\d+(?:\.\d+)+", text)
    return found[0] if found else "unknown"


def _read(path: str) -> str:
    return Path(path).read_text(encoding="utf-8", errors="replace")
