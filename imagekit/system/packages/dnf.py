"""dnf, version 4 and 5: asks nothing, keeps no cache, changes no more than it is told (dnf(8), dnf5(8), dnf.conf(5))."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from imagekit.diagnostics import Problem
from imagekit.system import shell
from imagekit.system.packages import program, rpm, rpmindex, yumrepo
from imagekit.system.packages.repository import put
from imagekit.system.text import read_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from imagekit.guest.protocol import Guest
    from imagekit.system.packages.repository import Repository

LOCKS = "/etc/dnf/plugins/versionlock.list"
"""Of dnf 4's plugin versionlock, dnf-versionlock(8)."""
LOCKS5 = "/etc/dnf/versionlock.toml"
"""Of dnf 5, which needs no plugin for it, dnf5-versionlock(8)."""


@dataclass(frozen=True, slots=True)
class _Dialect:
    """How the two versions differ: the program, root's cache, being offline, signatures that are not asked for.

    ``plugins`` are switches for those that write files which nobody asked for.
    """

    program: str
    cache: str
    offline: tuple[str, ...]
    unsigned: str
    plugins: tuple[str, ...] = ()


# The plugin of subscription-manager would wait for its server even where no repository is asked.
_DNF4 = _Dialect(
    "dnf",
    "cachedir",
    ("--disablerepo=*", "--disableplugin=subscription-manager"),
    "--nogpgcheck",
    ("--disableplugin=generate_completion_cache",),
)
_DNF5 = _Dialect("dnf5", "system_cachedir", ("--disable-repo=*",), "--no-gpgchecks")


# Its last words are the reason, and not whatever Python kept back for its standard output.
_ENVIRONMENT = {"PYTHONUNBUFFERED": "1"}
_MARK = "unneeded:"
_ON_A_COPY = f'mkdir {program.SCRATCH} && {{ cp -a /var/lib/dnf {program.SCRATCH}/history 2>/dev/null; exec "$@"; }}'


class Dnf:
    """dnf: the guest's own version of it."""

    suffixes = rpm.SUFFIXES

    def installed(self, guest: Guest) -> Mapping[str, str]:
        """Return what rpm says is installed."""
        return rpm.installed(guest)

    def held(self, guest: Guest) -> frozenset[str]:
        """Return the packages whose version is locked."""
        if _is_five(guest):
            return locked_five(read_text(guest, LOCKS5))
        return locked_names(read_text(guest, LOCKS))

    def index(self, guest: Guest, folder: str) -> Mapping[str, str]:
        """Write repodata into the folder."""
        return rpmindex.write(guest, folder)

    def install(self, guest: Guest, names: Sequence[str], *, folder: str = "") -> None:
        """Install; weak dependencies as the guest's dnf.conf says."""
        specs = [rpm.spec(name) for name in names]
        if folder:
            with shell.temporary_folder(guest, yumrepo.ALONE):
                yumrepo.write_alone(guest, folder)
                options = (f"--setopt=reposdir={yumrepo.ALONE}", _dialect(guest).unsigned)
                _dnf(guest, "install", *specs, options=options)
        else:
            _dnf(guest, "install", *specs, network=True)

    def remove(self, guest: Guest, names: Sequence[str]) -> None:
        """Remove, and keep what is then needed by none: that is autoremove's."""
        keep = "--setopt=clean_requirements_on_remove=False"
        _dnf(guest, "remove", *map(rpm.spec, names), options=(*_dialect(guest).offline, keep))

    def autoremove(self, guest: Guest) -> None:
        """Ask what is needed by none, and remove that if there is any."""
        if _unneeded(guest):
            _dnf(guest, "autoremove", options=_dialect(guest).offline)

    def update(self, guest: Guest) -> None:
        """Upgrade all."""
        _dnf(guest, "upgrade", network=True)

    def hold(self, guest: Guest, names: Sequence[str]) -> None:
        """Lock at the version that is installed, in the file that ``dnf versionlock add`` would write."""
        packages = rpm.locked(names, self.installed(guest))
        if _is_five(guest):
            put(guest, LOCKS5, with_locks_five(read_text(guest, LOCKS5), packages))
            return
        if not guest.glob_expand("/usr/lib/python3*/site-packages/dnf-plugins/versionlock.py"):
            raise no_plugin("python3-dnf-plugin-versionlock")
        text = read_text(guest, LOCKS)
        put(guest, LOCKS, text + "".join(f"{name}-{epoch}:{rest}.*\n" for name, epoch, rest in packages))

    def declare(self, guest: Guest, repository: Repository) -> None:
        """Write a .repo file, and the key beside the distribution's own."""
        yumrepo.declare(guest, repository, "/etc/yum.repos.d")


def no_plugin(package: str) -> Problem:
    """Return the Problem of a guest that cannot lock versions."""
    return Problem(
        "hold",
        "this image lacks the plugin that locks versions",
        why=f"it is in {package}",
        fix=f"install {package} in an earlier step",
        code="IK-PKG-005",
    )


def locked_names(text: str) -> frozenset[str]:
    """Return the names in a versionlock.list of dnf 4; an excluded version, ``!``, holds nothing."""
    lines = (line.strip() for line in text.splitlines())
    specs = (line for line in lines if line and not line.startswith(("#", "!")))
    return frozenset(spec.rsplit("-", 2)[0] for spec in specs)


def locked_five(text: str) -> frozenset[str]:
    """Return the names that dnf 5's versionlock.toml keeps at one version."""
    try:
        packages = tomllib.loads(text).get("packages", [])
    except tomllib.TOMLDecodeError:
        return frozenset()
    return frozenset(
        str(package.get("name"))
        for package in packages
        if any(one.get("key") == "evr" and one.get("comparator") == "=" for one in package.get("conditions", ()))
    )


def with_locks_five(text: str, packages: Sequence[tuple[str, str, str]]) -> str:
    """Return a versionlock.toml with each package (name, epoch, ``version-release``) at its version."""
    head = text if text.strip() else 'version = "1.0"\n'
    return head + "".join(
        f'\n[[packages]]\nname = "{name}"\n[[packages.conditions]]\nkey = "evr"\ncomparator = "="\nvalue = "{epoch}:{rest}"\n'
        for name, epoch, rest in packages
    )


def _is_five(guest: Guest) -> bool:
    return guest.exists("/usr/bin/dnf5")


def _dialect(guest: Guest) -> _Dialect:
    return _DNF5 if _is_five(guest) else _DNF4


def _unneeded(guest: Guest) -> bool:
    """Ask whether anything is needed by none.

    dnf 4 looks on a copy of its history, since it opens that to write. Warnings stand between the answers, so these
    have a mark. dnf 5 keeps what it knows in files that a query leaves alone.
    """
    dialect = _dialect(guest)
    words = ("repoquery", "--unneeded", "--queryformat", f"{_MARK}%{{name}}\n")
    if dialect is _DNF5:
        return _MARK in _dnf(guest, *words, options=(*dialect.offline, "-q"))
    apart = (*_apart(dialect, program.SCRATCH), f"--setopt=persistdir={program.SCRATCH}/history")
    argv = (dialect.program, "-y", *apart, *dialect.offline, "-q", *words)
    return _MARK in program.query(guest, _ON_A_COPY, *argv, title="dnf repoquery", env=_ENVIRONMENT).text


def _apart(dialect: _Dialect, place: str) -> tuple[str, ...]:
    # Its log goes where its cache goes: it is written by queries too, and what failed is in the error.
    return (
        *(f"--setopt={name}={place}" for name in (dialect.cache, "logdir")),
        "--setopt=keepcache=0",
        *dialect.plugins,
    )


def _dnf(guest: Guest, verb: str, *words: str, options: Sequence[str] = (), network: bool = False) -> str:
    """Run dnf with a cache of its own, which is gone afterwards, and return what it said."""
    dialect = _dialect(guest)
    with shell.temporary_folder(guest, program.WORKSHOP):
        argv = [dialect.program, "-y", *_apart(dialect, program.WORKSHOP), *options, verb, *words]
        title = f"{dialect.program} {verb}"
        return program.run(guest, argv, title=title, env=_ENVIRONMENT, network=network).text
