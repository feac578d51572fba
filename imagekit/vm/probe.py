"""The probe: a unit in a throw-away overlay that says how a systemd guest came up, then powers it off.

It reports over a virtio port of its own. The serial line would not do: when a getty starts there, it hangs up
whoever is writing (systemd.exec(5), ``TTYVHangup=``), and from then on systemd itself is silent there.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

PORT = "org.imagekit.probe"
"""Name of the port; the guest has it as ``/dev/virtio-ports/org.imagekit.probe``."""

SCRIPT_PATH = "/usr/local/sbin/imagekit-probe"
UNIT_PATH = "/etc/systemd/system/imagekit-probe.service"
WANTS_PATH = "/etc/systemd/system/multi-user.target.wants/imagekit-probe.service"

SCRIPT = f"""#!/bin/sh
# One fact a line: a word, a space, the rest. The last line says that nothing is missing.
report() {{
    systemctl list-units --failed --plain --no-legend --all | while read -r unit rest; do echo "failed $unit"; done
    for unit in multi-user.target ssh.service sshd.service; do echo "unit $unit $(systemctl is-active $unit)"; done
    if [ -r /run/cloud-init/result.json ]; then echo "cloud-init $(tr -d '\\n' < /run/cloud-init/result.json)"; fi
    echo "hostname $(uname -n)"
    echo "machine-id $(cat /etc/machine-id)"
    echo end
}}
report > /dev/virtio-ports/{PORT}
sync
systemctl poweroff --no-block
"""
"""The program, mode 0755, at ``SCRIPT_PATH``."""

UNIT = f"""[Unit]
Description=imagekit: report how this clone came up, then power off
After=multi-user.target cloud-config.service cloud-final.service cloud-init.target ssh.service sshd.service
[Service]
Type=oneshot
ExecStart={SCRIPT_PATH}
[Install]
WantedBy=multi-user.target
"""
"""The unit, mode 0644, at ``UNIT_PATH``; a link at ``WANTS_PATH`` enables it.

``After=multi-user.target`` in a unit that the target wants is no cycle: systemd then leaves out the target's own
ordering (systemd.target(5), "Default Dependencies").
"""


@dataclass(frozen=True, slots=True)
class Report:
    """What the probe said.

    Attributes:
        complete: whether its last line arrived; without it, nothing that is absent may be trusted to be absent.
        failed: units in the state "failed", or services of OpenRC that failed or crashed.
        failures_known: whether this guest's init tells which services failed.
        units: state of multi-user.target and of the SSH server by both its names, ``{"ssh.service": "active", …}``.
        cloud_init: cloud-init's own result, ``{"v1": {"datasource": …, "errors": […]}}``; {} if it did not run.
        hostname: the name of the running system.
        machine_id: the id of the running system; it never goes into a receipt or a log.
    """

    complete: bool = False
    failed: tuple[str, ...] = ()
    units: dict[str, str] = field(default_factory=dict)
    cloud_init: dict[str, Any] = field(default_factory=dict)
    hostname: str = ""
    machine_id: str = field(default="", repr=False)
    failures_known: bool = True


def is_complete(text: str) -> bool:
    """Tell whether the last line of a report has come."""
    return "end" in text.splitlines()


def parse_report(text: str) -> Report:
    """Read what came over the port; a guest is not trusted, so lines that make no sense are passed over."""
    facts: dict[str, list[str]] = {}
    for line in text.splitlines():
        word, _, rest = line.partition(" ")
        facts.setdefault(word, []).append(rest)
    return Report(
        complete=is_complete(text),
        failed=tuple(facts.get("failed", ())),
        units={unit: state for unit, _, state in (rest.partition(" ") for rest in facts.get("unit", ()))},
        cloud_init=_json(facts.get("cloud-init", [""])[-1]),
        hostname=facts.get("hostname", [""])[-1],
        machine_id=facts.get("machine-id", [""])[-1],
        failures_known="failures" not in facts,
    )


def _json(text: str) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}
