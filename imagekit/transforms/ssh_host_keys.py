"""The ssh-host-keys transform."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from imagekit.identity.catalogue import ssh
from imagekit.transform import Transform

if TYPE_CHECKING:
    from imagekit.guest.protocol import Guest


class SshHostKeys(Transform):
    """Remove every SSH host key, and make sure that something makes new ones at the next boot."""

    example: ClassVar[str] = "ssh-host-keys"
    phase: ClassVar[Literal["closing"]] = "closing"
    order: ClassVar[int] = 30

    kind: Literal["ssh-host-keys"] = "ssh-host-keys"

    @property
    def resets(self) -> tuple[str, ...]:
        """The host keys."""
        return ("ssh-host-keys",)

    def apply(self, guest: Guest) -> None:
        """Remove the keys wherever sshd_config keeps them; refuse where nothing would make new ones."""
        ssh.reset_host_keys(guest)
