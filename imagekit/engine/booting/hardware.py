"""What a hypervisor gives each machine of its own. Pure, but for the draw."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from imagekit.engine.errors import BadCloneCount

if TYPE_CHECKING:
    from collections.abc import Callable

_MOST = 16


@dataclass(frozen=True, slots=True)
class Hardware:
    """The identity of one virtual machine.

    Attributes:
        mac: hardware address of its network card, in qemu's own range 52:54:00.
        uuid: SMBIOS system UUID; under KVM systemd makes the machine-id of it, so it is never shown.
        serial: SMBIOS system serial number.
    """

    mac: str
    uuid: str = field(repr=False)
    serial: str

    def is_in(self, content: bytes) -> bool:
        """Tell whether a file's content holds the UUID, dashed or not, the MAC, or the serial number."""
        text = content.decode(errors="replace").lower()
        return any(value in text for value in (self.uuid, self.uuid.replace("-", ""), self.mac, self.serial))


@dataclass(frozen=True, slots=True)
class Clone:
    """One throw-away clone: its name, and the machine it runs on."""

    name: str
    hardware: Hardware


def make_clones(count: int, *, same_hardware: bool, draw: Callable[[], uuid.UUID] = uuid.uuid4) -> tuple[Clone, ...]:
    """Return clones, each with hardware of its own, or all with the same.

    Raises:
        BadCloneCount: fewer than one, or more than sixteen.
    """
    if not 1 <= count <= _MOST:
        raise BadCloneCount(count, _MOST)
    one = _hardware(draw())
    machines = [one if same_hardware or not number else _hardware(draw()) for number in range(count)]
    return tuple(Clone(f"clone-{number}", machine) for number, machine in enumerate(machines, start=1))


def _hardware(drawn: uuid.UUID) -> Hardware:
    """Derive all three from one random UUID; the serial number is digits that no other text holds by chance."""
    tail = re.findall("..", drawn.hex[-6:])
    return Hardware(mac=":".join(("52", "54", "00", *tail)), uuid=str(drawn), serial=f"ik-{drawn.hex[:12]}")
