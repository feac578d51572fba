"""The hostname transform."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import StringConstraints

from imagekit.system import hostname
from imagekit.transform import Transform

if TYPE_CHECKING:
    from imagekit.guest.protocol import Guest

Name = Annotated[
    str,
    StringConstraints(
        max_length=64,
        pattern=r"^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$",
    ),
]


class Hostname(Transform):
    """Set the host name, in /etc/hostname and /etc/hosts."""

    main: ClassVar[str | None] = "name"
    example: ClassVar[str] = "hostname: web-1.example.org"

    kind: Literal["hostname"] = "hostname"
    name: Name
    """A host name, short or fully qualified, of at most 64 characters (hostname(7), HOST_NAME_MAX)."""

    def apply(self, guest: Guest) -> None:
        """Write the name; the entry for 127.0.1.1 follows it, so that the guest can resolve its own name."""
        hostname.set_hostname(guest, self.name)
