"""Services behind one small protocol, whatever starts them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from imagekit.system.services.initscript import path_of
from imagekit.system.services.openrc import OpenRc
from imagekit.system.services.systemd import Systemd
from imagekit.system.services.sysv import SysV
from imagekit.system.services.unitfile import TYPES

if TYPE_CHECKING:
    from imagekit.guest.facts import Facts
    from imagekit.guest.protocol import Guest
    from imagekit.system.services.systemd import State


class InitSystem(Protocol):
    """What imagekit asks of an init. A service that is as it should be is left alone; no program runs."""

    def state(self, guest: Guest, name: str) -> State:
        """Return how a service stands."""
        ...

    def enable(self, guest: Guest, name: str) -> None:
        """Have a service start at boot; raises Problem if it is not there, or masked."""
        ...

    def disable(self, guest: Guest, name: str) -> None:
        """Have a service not start at boot by itself; raises Problem if it is not there."""
        ...

    def mask(self, guest: Guest, name: str) -> None:
        """Have nothing start a service, whatever asks for it; it need not be there."""
        ...


class SystemdOrScript(Systemd):
    """systemd, which takes a script of /etc/init.d for a service where no unit has its name (systemd-sysv-generator(8))."""

    def state(self, guest: Guest, name: str) -> State:
        """Return how a unit or script stands."""
        found = super().state(guest, name)
        script = _script(name) if found == "missing" else ""
        return SysV().state(guest, script) if script else found

    def enable(self, guest: Guest, name: str) -> None:
        """Enable the unit, or the script."""
        if self._is_script(guest, name):
            SysV().enable(guest, _script(name))
        else:
            super().enable(guest, name)

    def disable(self, guest: Guest, name: str) -> None:
        """Disable the unit, or the script."""
        if self._is_script(guest, name):
            SysV().disable(guest, _script(name))
        else:
            super().disable(guest, name)

    def _is_script(self, guest: Guest, name: str) -> bool:
        script = _script(name)
        return bool(script) and super().state(guest, name) == "missing" and guest.exists(path_of(script))


def _script(name: str) -> str:
    """Return the script of that name; "" for the name of a unit that is no service."""
    stem, dot, kind = name.rpartition(".")
    if dot and kind in TYPES:
        return stem if kind == "service" else ""
    return name


def init_of(facts: Facts) -> InitSystem | None:
    """Return the init of a guest; None if it is not known."""
    inits: dict[str, InitSystem] = {"systemd": SystemdOrScript(), "openrc": OpenRc(), "sysvinit": SysV()}
    return inits.get(facts.init)
