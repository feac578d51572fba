"""OpenRC services: links in /etc/runlevels, as rc-update(8) makes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagekit.system.services import initscript, links
from imagekit.system.services.links import Edits, Link

if TYPE_CHECKING:
    from imagekit.guest.protocol import Guest
    from imagekit.system.services.initscript import State

DEFAULT = "default"


def enable(guest: Guest, name: str, runlevel: str = DEFAULT) -> None:
    """Put a service into a runlevel, as ``rc-update add`` would."""
    links.apply(guest, Edits(make=(Link(f"/etc/runlevels/{runlevel}/{name}", f"/etc/init.d/{name}"),)))


class OpenRc:
    """Services of OpenRC."""

    def state(self, guest: Guest, name: str) -> State:
        """Return whether a service is in any runlevel."""
        if not guest.exists(initscript.path_of(name)):
            return "missing"
        if initscript.is_masked(guest, name):
            return "masked"
        return "enabled" if guest.glob_expand(f"/etc/runlevels/*/{name}") else "disabled"

    def enable(self, guest: Guest, name: str) -> None:
        """Put a service into the default runlevel, unless it is in one already.

        Raises:
            Problem: it has no script, or is masked.
        """
        initscript.must_be_startable(guest, name)
        if not guest.glob_expand(f"/etc/runlevels/*/{name}"):
            enable(guest, name)

    def disable(self, guest: Guest, name: str) -> None:
        """Take a service out of every runlevel.

        Raises:
            Problem: it has no script.
        """
        initscript.must_exist(guest, name)
        links.apply(guest, Edits(remove=guest.glob_expand(f"/etc/runlevels/*/{name}")))

    def mask(self, guest: Guest, name: str) -> None:
        """Take a service out of every runlevel, and have others that need it not start it either."""
        if guest.exists(initscript.path_of(name)):
            self.disable(guest, name)
            initscript.mask(guest, name)
