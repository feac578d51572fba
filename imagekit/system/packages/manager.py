"""Package managers, behind one small protocol: what is installed, install, remove, update."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from imagekit.system.packages.apk import Apk
from imagekit.system.packages.apt import Apt

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from imagekit.guest.facts import Facts
    from imagekit.guest.protocol import Guest

SUPPORTED = ("apt", "apk")


class Manager(Protocol):
    """What imagekit asks of a package manager. Names are the distribution's own, ``name`` or ``name=version``."""

    def installed(self, guest: Guest) -> Mapping[str, str]:
        """Return the version of each package that is installed, and of each name that one of them provides."""
        ...

    def held(self, guest: Guest) -> frozenset[str]:
        """Return the packages that no update will touch."""
        ...

    def install(self, guest: Guest, names: Sequence[str]) -> None:
        """Install packages that are not installed; reaches the network."""
        ...

    def remove(self, guest: Guest, names: Sequence[str]) -> None:
        """Remove installed packages; local configuration files stay."""
        ...

    def update(self, guest: Guest) -> None:
        """Update all that is installed; reaches the network."""
        ...

    def hold(self, guest: Guest, names: Sequence[str]) -> None:
        """Keep installed packages at the version they have."""
        ...


def manager_of(facts: Facts) -> Manager | None:
    """Return the package manager of a guest; None if it is not supported yet."""
    managers: dict[str, Manager] = {"apt": Apt(), "apk": Apk()}
    return managers.get(facts.package_manager)


def is_satisfied(name: str, installed: Mapping[str, str]) -> bool:
    """Tell whether ``name`` or ``name=version`` is met by what is installed."""
    bare, _, version = name.partition("=")
    return bare in installed and version in {"", installed[bare]}


def missing(names: Sequence[str], installed: Mapping[str, str]) -> tuple[str, ...]:
    """Return those of the names that are not met, each once, in their order."""
    return tuple(name for name in dict.fromkeys(names) if not is_satisfied(name, installed))


def ensure_installed(guest: Guest, manager: Manager, names: Sequence[str]) -> bool:
    """Install what is missing. Nothing runs, and no network is reached, if nothing is; tell whether anything was."""
    wanted = missing(names, manager.installed(guest))
    if wanted:
        manager.install(guest, wanted)
    return bool(wanted)
