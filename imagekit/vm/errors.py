"""What may go wrong with a boot that is not the guest's doing."""

from __future__ import annotations

from imagekit.errors import ApplianceError


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
