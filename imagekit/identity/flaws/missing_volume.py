"""Volumes that a clone would wait for in vain."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagekit.guest import fstab
from imagekit.identity.flaw import Flaw, Sign
from imagekit.system.text import read_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imagekit.identity.flaw import Scene

_FSTAB = "/etc/fstab"
_WAITS_FOR_NOTHING = frozenset({"nofail", "x-systemd.automount"})
"""Options with which a boot goes on without the volume: systemd.mount(5)."""


def find(scene: Scene) -> Iterator[Sign]:
    """Yield each line of fstab(5) for a file system that the image does not hold, and that must be there.

    Only of systemd, which then ends in its emergency mode; and only if all of the disk could be looked at. The root is
    mounted by then, as the kernel's arguments say.
    """
    if scene.guest.facts.init != "systemd" or not all(device.opened for device in scene.devices):
        return
    for entry in fstab.parse(read_text(scene.guest, _FSTAB)):
        needed = entry.on_disk and entry.file != "/" and not _WAITS_FOR_NOTHING & {*entry.options}
        if needed and not scene.answers(entry.spec) and not _may_be_array(scene, entry.spec):
            yield Sign(_FSTAB, f"{entry.spec}, which is mounted on {entry.file}, is not in this image")


def _may_be_array(scene: Scene, spec: str) -> bool:
    """Tell whether a RAID array of the image may have this name: the kernel and mdadm(8) number them as they find them."""
    return spec.startswith("/dev/md") and any(device.name.startswith("/dev/md") for device in scene.devices)


FLAW = Flaw(
    id="missing-volume",
    group="storage",
    title="volume that is not in the image, without nofail",
    severity="warning",
    why="a clone waits for it at boot for a minute and a half, and then stops in emergency mode: systemd.mount(5)",
    fix="add nofail to its line in /etc/fstab, or remove the line",
    find=find,
)
