"""zypper: asks nothing, keeps no cache, takes licences as read (zypper(8), locks(5))."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from imagekit.system import shell
from imagekit.system.packages import program, rpm, rpmindex, yumrepo
from imagekit.system.text import read_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from imagekit.guest.protocol import Guest
    from imagekit.system.packages.repository import Repository

LOCKS = "/etc/zypp/locks"
REPOSITORIES = "/etc/zypp/repos.d"
_ROLLING = ("opensuse-tumbleweed", "opensuse-slowroll")
_GOOD = (0, 102, 103)
"""All is done; 102 and 103 add that a running system would now restart, zypper(8)."""
# Its log is written by queries too, so it goes where its cache goes; what failed is in the error.
_ENVIRONMENT = {"ZYPP_LOGFILE": f"{program.WORKSHOP}/zypper.log"}


class Zypper:
    """zypper of openSUSE and SUSE Linux Enterprise."""

    suffixes = rpm.SUFFIXES

    def installed(self, guest: Guest) -> Mapping[str, str]:
        """Return what rpm says is installed."""
        return rpm.installed(guest)

    def held(self, guest: Guest) -> frozenset[str]:
        """Return the packages that are locked."""
        return locked_names(read_text(guest, LOCKS))

    def index(self, guest: Guest, folder: str) -> Mapping[str, str]:
        """Write repodata into the folder."""
        return rpmindex.write(guest, folder)

    def install(self, guest: Guest, names: Sequence[str], *, folder: str = "") -> None:
        """Install; recommended packages as the guest's zypp.conf says."""
        words = ("--auto-agree-with-licenses", *names)
        if folder:
            with shell.temporary_folder(guest, yumrepo.ALONE):
                yumrepo.write_alone(guest, folder, "type=rpm-md\nautorefresh=0\n")
                options = ("--reposd-dir", yumrepo.ALONE, "--no-gpg-checks")
                _zypper(guest, "install", *words, options=options)
        else:
            _zypper(guest, "install", *words, network=True)

    def remove(self, guest: Guest, names: Sequence[str]) -> None:
        """Remove, and keep what is then needed by none: that is autoremove's."""
        _zypper(guest, "remove", "--no-clean-deps", *names, options=("--disable-repositories",))

    def autoremove(self, guest: Guest) -> None:
        """Ask what is needed by none, and remove that if there is any."""
        offline = ("--disable-repositories",)
        argv = _argv(program.SCRATCH, ("packages", "--unneeded"), offline)
        env = {"ZYPP_LOGFILE": f"{program.SCRATCH}.log"}
        unneeded = table_names(program.query(guest, 'exec "$@"', *argv, title="zypper packages", env=env).text)
        if unneeded:
            _zypper(guest, "remove", "--clean-deps", *unneeded, options=offline)

    def update(self, guest: Guest) -> None:
        """Update all; a rolling distribution is updated by ``dist-upgrade``, as it wants to be."""
        verb = "dist-upgrade" if guest.facts.distro in _ROLLING else "update"
        _zypper(guest, verb, "--auto-agree-with-licenses", network=True)

    def hold(self, guest: Guest, names: Sequence[str]) -> None:
        """Lock: neither updated nor removed."""
        bare = [name.partition("=")[0] for name in names]
        _zypper(guest, "addlock", "--type", "package", *bare, options=("--no-refresh",))

    def declare(self, guest: Guest, repository: Repository) -> None:
        """Write a .repo file, and give its key to rpm, since zypper takes no new one unasked (GPG checks, zypper(8))."""
        before = read_text(guest, f"{REPOSITORIES}/{repository.name}.repo")
        key = yumrepo.declare(guest, repository, REPOSITORIES, "autorefresh=1\ntype=rpm-md\n")
        if key and before != read_text(guest, f"{REPOSITORIES}/{repository.name}.repo"):
            program.run(guest, ["rpm", "--import", key], title="rpm --import")


def locked_names(text: str) -> frozenset[str]:
    """Return the names in zypp's locks: paragraphs of ``key: value``, locks(5)."""
    return frozenset(re.findall(r"^solvable_name: *(\S+)$", text, re.MULTILINE))


def table_names(text: str) -> tuple[str, ...]:
    """Return the names in a table of ``zypper packages``: state, repository, name, version, arch between bars."""
    rows = ([cell.strip() for cell in line.split("|")] for line in text.splitlines() if line.count("|") == 4)
    return tuple(dict.fromkeys(row[2] for row in rows if row[2] != "Name"))


def _argv(cache: str, words: Sequence[str], options: Sequence[str]) -> list[str]:
    return ["zypper", "--non-interactive", "--no-color", "--cache-dir", cache, *options, *words]


def _zypper(guest: Guest, verb: str, *words: str, options: Sequence[str] = (), network: bool = False) -> None:
    """Run zypper with a cache of its own, which is gone afterwards."""
    with shell.temporary_folder(guest, program.WORKSHOP):
        argv = _argv(program.WORKSHOP, (verb, *words), options)
        title = f"zypper {verb}"
        program.run(guest, argv, title=title, env=_ENVIRONMENT, network=network, good=_GOOD)
