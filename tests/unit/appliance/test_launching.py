from __future__ import annotations

import json
from pathlib import Path
from typing import Any

SOON = 20


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


# What the worker is told.
def test_every_option_is_told_to_the_worker(bench: Any) -> None:
    with bench.opened(memory=2048, cpus=2, network=True):
        pass
    (setup,) = map(json.loads, bench.noted("setups"))

    assert setup == {
        "backend_settings": ["force_kvm"],
        "hypervisor": str(bench.folder / "qemu"),
        "tmpdir": str(bench.folder),
        "cachedir": str(bench.folder),
        "memory": 2048,
        "cpus": 2,
        "network": True,
        "qemu_options": [
            ["-qmp", f"unix:{bench.folder}/qmp,server=on,wait=off"],
            ["-sandbox", "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny"],
        ],
        "disks": [
            {
                "path": str(bench.folder / "disks" / "overlay"),
                "format": "qcow2",
                "readonly": False,
                "discard": "besteffort",
            },
            {"path": str(bench.folder / "seed"), "format": "raw", "readonly": True, "discard": "disable"},
        ],
    }
