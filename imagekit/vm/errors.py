"""What may go wrong with a boot that is not the guest's doing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagekit.errors import ApplianceError, HostError

if TYPE_CHECKING:
    from pathlib import Path


class MachineDied(ApplianceError):
    """qemu gave up before the guest had any say: a wrong option, an unreadable disk, no KVM."""

    code = "IK-VM-001"

    def __init__(self, status: int, output: str) -> None:
        self.status = status
        self.output = output
        last = output.strip().splitlines()[-1:] or [""]
        super().__init__(
            f"the virtual machine of a boot ended by itself with status {status}",
            why=last[0],
            fix="run: imagekit doctor",
        )


class FirmwareMissing(HostError):
    """This host has no UEFI firmware for virtual machines."""

    code = "IK-VM-002"

    def __init__(self, tried: tuple[Path, ...]) -> None:
        self.tried = tried
        super().__init__(
            "there is no UEFI firmware on this host to boot the image with",
            why="none of these is there: " + ", ".join(map(str, tried)),
            fix="apt-get install ovmf, or boot it by BIOS if it can: --firmware bios",
        )
