"""What dnf, yum and zypper share: rpm's database, asked by rpm itself, and how names and versions are spelt."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagekit.system.packages import program

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from imagekit.guest.protocol import Guest

SUFFIXES = (".rpm",)
_FORMAT = r"%{NAME}\t%|EPOCH?{%{EPOCH}}:{0}|\t%{VERSION}\t%{RELEASE}\t%{ARCH}\n[\t%{PROVIDENAME}\n]"
# What is provided with brackets (libraries, modules, file digests) is no name that anyone asks for, and is most of it.
_LIST = f"""all=$(rpm -qa --qf '{_FORMAT}') && {{ printf '%s\\n' "$all" | grep -v '[(]' || :; }}"""


def installed(guest: Guest) -> dict[str, str]:
    """Return what rpm says is installed: a program, since its database is no text (rpm(8), --queryformat).

    Versions are ``epoch:version-release``. Spellings are those that dnf(8) and zypper(8) take: ``name``,
    ``name.arch``, and ``name=version`` with or without epoch and release.
    """
    answer = program.query(guest, _LIST, title="rpm -qa")
    return names_of(answer.text)


def names_of(text: str) -> dict[str, str]:
    """Return the version by each spelling, from lines of name, epoch, version, release, arch, or one provided name."""
    own: dict[str, str] = {}
    provided: dict[str, str] = {}
    for line in text.splitlines():
        name, *rest = line.split("\t")
        if name and len(rest) == 4:
            own.update(_spellings(name, *rest))
        elif not name and len(rest) == 1:
            provided[rest[0]] = ""
    return {**provided, **own}


def _spellings(name: str, epoch: str, version: str, release: str, arch: str) -> dict[str, str]:
    full = f"{epoch}:{version}-{release}"
    names = (name, f"{name}.{arch}")
    versions = (full, f"{version}-{release}", f"{epoch}:{version}", version)
    return dict.fromkeys([*names, *(f"{each}={one}" for each in names for one in versions)], full)


def spec(name: str) -> str:
    """Return ``name=version`` as dnf and yum write it: ``name-version``."""
    return name.replace("=", "-", 1)


def locked(names: Sequence[str], versions: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Return name, epoch and ``version-release`` of installed packages, as lists of locks are made of."""
    found = ((name.partition("=")[0], versions[name.partition("=")[0]]) for name in names)
    return [(name, full.partition(":")[0], full.partition(":")[2]) for name, full in found]
