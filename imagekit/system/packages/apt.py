"""apt and dpkg: the status file read as text, apt-get run so that it asks nothing, starts nothing and leaves nothing."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from imagekit.system import shell
from imagekit.system.text import read_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from imagekit.guest.protocol import Guest

STATUS = "/var/lib/dpkg/status"
POLICY = "/usr/sbin/policy-rc.d"
_NO_STARTS = (
    "#!/bin/sh\n# While packages are installed into an image, no service is started: invoke-rc.d(8).\nexit 101\n"
)
WORKSHOP = "/var/cache/imagekit-apt"
"""Where package lists and archives are kept while apt-get runs; the guest's own stay as they are."""

_ENVIRONMENT = {
    "DEBIAN_FRONTEND": "noninteractive",
    "APT_LISTCHANGES_FRONTEND": "none",
    "NEEDRESTART_SUSPEND": "1",
    "UCF_FORCE_CONFFOLD": "1",
    "LC_ALL": "C.UTF-8",
}
_OPTIONS = (
    "Dpkg::Options::=--force-confdef",
    "Dpkg::Options::=--force-confold",
    "Dpkg::Use-Pty=0",
    "APT::Update::Error-Mode=any",
    "Acquire::Languages=none",
    "Acquire::Retries=3",
    f"Dir::State::lists={WORKSHOP}/lists",
    f"Dir::Cache={WORKSHOP}/cache",
)


@dataclass(frozen=True, slots=True)
class DpkgPackage:
    """One paragraph of dpkg's status file; ``want`` and ``state`` are the first and last word of its Status."""

    name: str
    version: str
    architecture: str
    want: str
    state: str
    provides: tuple[str, ...]

    @property
    def is_installed(self) -> bool:
        """Whether it is unpacked and configured; waiting triggers do not make it less so (dpkg(1))."""
        return self.state in {"installed", "triggers-awaited", "triggers-pending"}


def parse_status(text: str) -> tuple[DpkgPackage, ...]:
    """Return the packages of dpkg's status file: deb822(5) paragraphs, folded fields passed over."""
    return tuple(
        _package(fields) for fields in map(_fields, text.split("\n\n")) if "Package" in fields and "Status" in fields
    )


def _fields(paragraph: str) -> dict[str, str]:
    pairs = (line.partition(":") for line in paragraph.splitlines() if line and not line.startswith((" ", "\t")))
    return {name: value.strip() for name, _, value in pairs}


def _package(fields: Mapping[str, str]) -> DpkgPackage:
    status = fields["Status"].split()
    provided = (word.split("(")[0].strip() for word in fields.get("Provides", "").split(","))
    return DpkgPackage(
        name=fields["Package"],
        version=fields.get("Version", ""),
        architecture=fields.get("Architecture", ""),
        want=status[0],
        state=status[-1],
        provides=tuple(name.partition(":")[0] for name in provided if name),
    )


def names_of(packages: Sequence[DpkgPackage]) -> dict[str, str]:
    """Return the version by each name that apt-get would take: ``name:arch``, ``name`` if native, what is provided.

    The native architecture is that of dpkg itself. Version "" stands for a name that is only provided.
    """
    there = [package for package in packages if package.is_installed]
    native = {"all", *(package.architecture for package in there if package.name == "dpkg")}
    own = [package for package in there if package.architecture in native or native == {"all"}]
    return {
        **{name: "" for package in own for name in package.provides},
        **{f"{package.name}:{package.architecture}": package.version for package in there},
        **{package.name: package.version for package in own},
    }


class Apt:
    """apt-get, on dpkg's own files."""

    def installed(self, guest: Guest) -> Mapping[str, str]:
        """Return what dpkg's status file says is installed; nothing is run."""
        return names_of(parse_status(read_text(guest, STATUS)))

    def held(self, guest: Guest) -> frozenset[str]:
        """Return the packages that dpkg was told to hold."""
        return frozenset(one.name for one in parse_status(read_text(guest, STATUS)) if one.want == "hold")

    def install(self, guest: Guest, names: Sequence[str]) -> None:
        """Install, with the recommended packages unless the guest's apt.conf says no."""
        with _workshop(guest), _no_starts(guest):
            _apt_get(guest, "update", network=True)
            _apt_get(guest, "install", *names, network=True)

    def remove(self, guest: Guest, names: Sequence[str]) -> None:
        """Remove without purging: configuration files stay."""
        with _workshop(guest), _no_starts(guest):
            _apt_get(guest, "remove", *names)

    def update(self, guest: Guest) -> None:
        """Upgrade, new packages (a kernel's next ABI) included; nothing is removed."""
        with _workshop(guest), _no_starts(guest):
            _apt_get(guest, "update", network=True)
            _apt_get(guest, "upgrade", "--with-new-pkgs", network=True)

    def hold(self, guest: Guest, names: Sequence[str]) -> None:
        """Hold at the version that is installed."""
        with _workshop(guest):
            shell.run(guest, ["apt-mark", *_options(), "hold", *names], title="apt-mark hold", env=_ENVIRONMENT)


def _options() -> list[str]:
    return [word for option in _OPTIONS for word in ("-o", option)]


def _apt_get(guest: Guest, verb: str, *words: str, network: bool = False) -> None:
    argv = ["apt-get", "-q", "-y", *_options(), verb, *words]
    shell.run(guest, argv, title=f"apt-get {verb}", env=_ENVIRONMENT, network=network)


@contextlib.contextmanager
def _workshop(guest: Guest) -> Iterator[None]:
    # apt makes the partial folders itself, and gives them to its sandbox user _apt.
    guest.mkdir_p(f"{WORKSHOP}/lists")
    guest.mkdir_p(f"{WORKSHOP}/cache/archives")
    with shell.removing(lambda: guest.rm_rf(WORKSHOP)):
        yield


@contextlib.contextmanager
def _no_starts(guest: Guest) -> Iterator[None]:
    if guest.exists(POLICY) or guest.is_symlink(POLICY):
        yield
        return
    with shell.temporary_file(guest, POLICY, _NO_STARTS, 0o755):
        yield
