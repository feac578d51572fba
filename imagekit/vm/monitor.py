"""qemu's monitor protocol (QMP), as far as a boot needs it: one JSON document a line, in and out.

Source: qemu, docs/interop/qmp-spec.txt.
"""

from __future__ import annotations

import json
from typing import Any, Literal

Ending = Literal["powered-off", "reset", "killed"]

GREET = b'{"execute": "qmp_capabilities"}\n'
"""Leaves the negotiation that a monitor begins with; before it, qemu sends no events."""

POWER_DOWN = b'{"execute": "system_powerdown"}\n'
"""Presses the power button: the guest may obey, or not."""

_LONGEST_LINE = 1 << 20
# The reasons of qemu's SHUTDOWN event that say what the guest itself did (qapi/run-state.json, ShutdownCause).
_ENDINGS: dict[str, Ending] = {"guest-shutdown": "powered-off", "guest-reset": "reset", "guest-panic": "reset"}


class MonitorReader:
    """Puts the monitor's lines together and remembers how the machine ended.

    Attributes:
        ending: how it ended, as far as is known yet: ``killed`` until qemu has said more.
    """

    def __init__(self) -> None:
        self.ending: Ending = "killed"
        self._rest = b""

    def feed(self, data: bytes) -> None:
        """Take bytes as they came from the socket."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        self._rest = self._rest[-_LONGEST_LINE:]
        for line in lines:
            self._take(_document(line))

    def _take(self, document: dict[str, Any]) -> None:
        if document.get("event") == "SHUTDOWN":
            self.ending = _ENDINGS.get(document.get("data", {}).get("reason", ""), "killed")


def _document(line: bytes) -> dict[str, Any]:
    try:
        document = json.loads(line)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}
