"""The contract of a flaw: what is wrong with an image, and that no reset of an identity can mend."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from imagekit.guest.protocol import Guest
    from imagekit.identity.item import Severity

Use = Literal["template", "instance"]
"""What an image is for: to be cloned, or to be one machine."""
BOTH: frozenset[Use] = frozenset({"template", "instance"})
TEMPLATE: frozenset[Use] = frozenset({"template"})


@dataclass(frozen=True, slots=True)
class Device:
    """One thing on the disk that a file system, swap or container may be on.

    Attributes:
        name: guestfs(3)'s name of it.
        type: blkid(8)'s, ``ext4``, ``vfat``, ``crypto_LUKS``; "" if it is none of these.
        mountpoint: where the guest mounts it; None if it does not.
        opened: whether what is inside a container was looked at.
    """

    name: str
    type: str
    mountpoint: str | None = None
    opened: bool = True


@dataclass(frozen=True, slots=True)
class Scene:
    """All that flaws are looked for in: a mounted guest, its disk, and the image file around that.

    Attributes:
        guest: mounted for reading alone.
        devices: what is on the disk.
        root: the mountable of guestfs(3) that the root is, ``/dev/sda1`` or ``btrfsvol:/dev/sda2/@``.
        answers: tells whether anything on the disk answers to the first field of a line of fstab(5).
        snapshots: internal ones of the image file.
    """

    guest: Guest
    devices: tuple[Device, ...] = ()
    root: str = "/dev/sda1"
    answers: Callable[[str], bool] = lambda _: True
    snapshots: int = 0


@dataclass(frozen=True, slots=True)
class Sign:
    """One place where a flaw shows.

    Attributes:
        path: of a file in the guest, or the name of a device; "" for the image as a whole.
        message: what is wrong there, in one sentence; never holds a secret.
        mend: items of a spec's ``transforms``, each a kind with its fields, that mend this; () if no spec can.
    """

    path: str
    message: str
    mend: tuple[dict[str, object], ...] = ()


class CannotTell(Exception):
    """A flaw could not be looked for; what was found until then still counts."""

    def __init__(self, path: str, reason: str) -> None:
        self.path = path
        self.reason = reason
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing that makes an image unfit, and how it is found.

    Attributes:
        id: stable name; audit's rule id.
        group: what it is about, as the modules of the catalogue are named.
        title: what it is, in a few words.
        severity: how bad an image with it is.
        why: what comes of it, in one sentence.
        fix: what to do about it, in one sentence.
        find: yields every place where it shows, and what could not be told; nothing when it is not sure.
        uses: the uses of an image in which it matters.
        aliases: ids that it had before.
    """

    id: str
    group: str
    title: str
    severity: Severity
    why: str
    fix: str
    find: Callable[[Scene], Iterable[Sign | CannotTell]]
    uses: frozenset[Use] = TEMPLATE
    aliases: tuple[str, ...] = field(default=())
