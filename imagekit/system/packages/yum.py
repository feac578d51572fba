"""yum, version 3, of RHEL 7 and its kin: asks nothing and keeps no cache (yum(8), yum.conf(5), yum-versionlock(1))."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagekit.system import shell
from imagekit.system.packages import program, rpm, rpmindex, yumrepo
from imagekit.system.packages.dnf import no_plugin
from imagekit.system.packages.repository import put
from imagekit.system.text import read_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from imagekit.guest.protocol import Guest
    from imagekit.system.packages.repository import Repository

LOCKS = "/etc/yum/pluginconf.d/versionlock.list"
_PLUGIN = "/usr/lib/yum-plugins/versionlock.py"
_OFFLINE = ("--disablerepo=*", "--disableplugin=subscription-manager")


class Yum:
    """yum 3. What is called yum on later systems is dnf, and treated as that."""

    suffixes = rpm.SUFFIXES

    def installed(self, guest: Guest) -> Mapping[str, str]:
        """Return what rpm says is installed."""
        return rpm.installed(guest)

    def held(self, guest: Guest) -> frozenset[str]:
        """Return the packages whose version is locked."""
        return locked_names(read_text(guest, LOCKS))

    def index(self, guest: Guest, folder: str) -> Mapping[str, str]:
        """Write repodata into the folder."""
        return rpmindex.write(guest, folder)

    def install(self, guest: Guest, names: Sequence[str], *, folder: str = "") -> None:
        """Install; yum ends well if a name is in no repository, so the caller looks again."""
        specs = [rpm.spec(name) for name in names]
        if folder:
            with shell.temporary_folder(guest, yumrepo.ALONE):
                yumrepo.write_alone(guest, folder)
                options = (f"--setopt=reposdir={yumrepo.ALONE}", "--nogpgcheck", _OFFLINE[1])
                _yum(guest, "install", *specs, options=options)
        else:
            _yum(guest, "install", *specs, network=True)

    def remove(self, guest: Guest, names: Sequence[str]) -> None:
        """Remove, and keep what is then needed by none: that is autoremove's."""
        keep = "--setopt=clean_requirements_on_remove=0"
        _yum(guest, "remove", *map(rpm.spec, names), options=(*_OFFLINE, keep))

    def autoremove(self, guest: Guest) -> None:
        """Remove what is needed by none; yum has no question for it that changes nothing."""
        _yum(guest, "autoremove", options=_OFFLINE)

    def update(self, guest: Guest) -> None:
        """Update all."""
        _yum(guest, "update", network=True)

    def hold(self, guest: Guest, names: Sequence[str]) -> None:
        """Lock at the version that is installed, in the file that ``yum versionlock add`` would write."""
        if not guest.exists(_PLUGIN):
            raise no_plugin("yum-plugin-versionlock")
        lines = (f"{epoch}:{name}-{rest}.*\n" for name, epoch, rest in rpm.locked(names, self.installed(guest)))
        put(guest, LOCKS, read_text(guest, LOCKS) + "".join(lines))

    def declare(self, guest: Guest, repository: Repository) -> None:
        """Write a .repo file, and the key beside the distribution's own."""
        yumrepo.declare(guest, repository, "/etc/yum.repos.d")


def locked_names(text: str) -> frozenset[str]:
    """Return the names in a versionlock.list of yum, ``epoch:name-version-release.*``; ``!`` holds nothing."""
    lines = (line.strip() for line in text.splitlines())
    specs = (line for line in lines if line and not line.startswith(("#", "!")))
    return frozenset(spec.partition(":")[2].rsplit("-", 2)[0] for spec in specs)


def _yum(guest: Guest, verb: str, *words: str, options: Sequence[str] = (), network: bool = False) -> None:
    kept = (f"--setopt=cachedir={program.WORKSHOP}", "--setopt=keepcache=0")
    with shell.temporary_folder(guest, program.WORKSHOP):
        program.run(guest, ["yum", "-y", *kept, *options, verb, *words], title=f"yum {verb}", network=network)
