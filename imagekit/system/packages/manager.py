"""Package managers, behind one small protocol: what is installed, install, remove, update, hold, where from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from imagekit.system.packages.apk import Apk
from imagekit.system.packages.apt import Apt
from imagekit.system.packages.dnf import Dnf
from imagekit.system.packages.pacman import Pacman
from imagekit.system.packages.yum import Yum
from imagekit.system.packages.zypper import Zypper

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from imagekit.guest.facts import Facts
    from imagekit.guest.protocol import Guest
    from imagekit.system.packages.repository import Repository

SUPPORTED = ("apt", "dnf", "yum", "zypper", "pacman", "apk")


class Manager(Protocol):
    """What imagekit asks of a package manager. Names are the distribution's own, ``name`` or ``name=version``.

    Every method that runs a program raises CommandFailed if it fails, and DownloadFailed, which is one, if the
    same may work at another time. None of them starts a service, and none leaves lists or archives behind.
    """

    @property
    def suffixes(self) -> tuple[str, ...]:
        """How the names of its package files end."""
        ...

    def installed(self, guest: Guest) -> Mapping[str, str]:
        """Return the version by each spelling of what is installed, and "" for each name that is only provided."""
        ...

    def held(self, guest: Guest) -> frozenset[str]:
        """Return the packages that no update will touch."""
        ...

    def index(self, guest: Guest, folder: str) -> Mapping[str, str]:
        """Make a guest folder of package files a repository; return the version by the name of each package in it."""
        ...

    def install(self, guest: Guest, names: Sequence[str], *, folder: str = "") -> None:
        """Install packages that are not installed.

        From the guest's own repositories, over the network; or with ``folder``, which ``index`` made a repository,
        from that alone, without network, whatever signatures its files have.
        """
        ...

    def remove(self, guest: Guest, names: Sequence[str]) -> None:
        """Remove installed packages with what depends on them; local configuration files stay."""
        ...

    def autoremove(self, guest: Guest) -> None:
        """Remove what was installed for others and is needed by none; nothing is written if there is nothing."""
        ...

    def update(self, guest: Guest) -> None:
        """Update all that is installed; reaches the network."""
        ...

    def hold(self, guest: Guest, names: Sequence[str]) -> None:
        """Keep installed packages at the version they have.

        Raises:
            Problem: this guest's package manager lacks what it takes.
        """
        ...

    def declare(self, guest: Guest, repository: Repository) -> None:
        """Write a repository, with its key, to where the guest's package manager reads it.

        Raises:
            Problem: it cannot be told to this package manager.
        """
        ...


def manager_of(facts: Facts) -> Manager | None:
    """Return the package manager of a guest; None if it has none that is supported."""
    managers: dict[str, Manager] = {
        "apt": Apt(),
        "dnf": Dnf(),
        "yum": Yum(),
        "zypper": Zypper(),
        "pacman": Pacman(),
        "apk": Apk(),
    }
    return managers.get(facts.package_manager)


def is_satisfied(name: str, installed: Mapping[str, str]) -> bool:
    """Tell whether ``name`` or ``name=version`` is met by what is installed."""
    bare, _, version = name.partition("=")
    return name in installed or (bare in installed and version in {"", installed[bare]})


def missing(names: Sequence[str], installed: Mapping[str, str]) -> tuple[str, ...]:
    """Return those of the names that are not met, each once, in their order."""
    return tuple(name for name in dict.fromkeys(names) if not is_satisfied(name, installed))


def ensure_installed(guest: Guest, manager: Manager, names: Sequence[str]) -> bool:
    """Install what is missing. Nothing is changed, and no network is reached, if nothing is; tell whether anything was."""
    wanted = missing(names, manager.installed(guest)) if names else ()
    if wanted:
        manager.install(guest, wanted)
    return bool(wanted)
