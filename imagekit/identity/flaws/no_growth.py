"""A root that stays as small as the template, however large the disk of a clone is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagekit.guest import fstab
from imagekit.identity.flaw import Flaw, Sign
from imagekit.system import cloudinit
from imagekit.system.text import read_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imagekit.guest.protocol import Guest
    from imagekit.identity.flaw import Scene

_OTHERS = (
    "/{etc,usr/lib,usr/local/lib}/repart.d/*.conf",
    "/usr/share/initramfs-tools/{hooks,scripts/local-bottom}/growroot",
    "/{usr/lib,lib}/dracut/modules.d/*{growroot,kiwi-repart}*",
    "/usr/lib/initcpio/hooks/*grow*",
    "/etc/systemd/system/{,*.wants/}*{grow,resize,expand}*",
    "/etc/{init.d,local.d}/*{grow,resize,expand}*",
)
"""Whatever else may grow a root: systemd-repart, hooks of initramfs generators, KIWI's, units and scripts that say so."""
_GROWPART = "/{usr/bin,usr/sbin,bin,sbin}/growpart"
_PACKAGES = {
    "debian": "cloud-guest-utils",
    "arch": "cloud-guest-utils",
    "rhel": "cloud-utils-growpart",
    "alpine": "cloud-utils-growpart",
}
"""What brings growpart, by family."""
_OFF = ("off", "false", "False")


def find(scene: Scene) -> Iterator[Sign]:
    """Yield the place where growing is switched off or lacks its program, if cloud-init is what should do it.

    A guest without cloud-init may be grown by hand, or never be meant to grow: of that nothing is said.
    """
    guest = scene.guest
    partitioned = scene.root[-1:].isdigit() and scene.root.startswith("/dev/sd")
    if not partitioned or not cloudinit.is_active(guest) or any(guest.glob_expand(pattern) for pattern in _OTHERS):
        return
    if any(_grows_itself(entry) for entry in fstab.parse(read_text(guest, "/etc/fstab"))):
        return
    modes = list(cloudinit.settings(guest, "growpart"))
    if modes and isinstance(modes[-1][1], dict) and str(modes[-1][1].get("mode", "auto")) in _OFF:
        yield Sign(modes[-1][0], "cloud-init is told not to grow the root")
    elif not guest.glob_expand(_GROWPART):
        package = _package(guest)
        missing = f"cloud-init has no growpart to grow the root with: {package} is not installed"
        yield Sign("", missing, ({"packages": {"install": [package]}},))


def _grows_itself(entry: fstab.Entry) -> bool:
    return entry.file == "/" and "x-systemd.growfs" in entry.options


def _package(guest: Guest) -> str:
    return _PACKAGES.get(guest.facts.family, "growpart")


FLAW = Flaw(
    id="no-growth",
    group="storage",
    title="root that will not grow",
    severity="note",
    why="a clone on a larger disk has no more room than the template",
    fix="install growpart, or let systemd-repart do it",
    find=find,
)
