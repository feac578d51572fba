"""apt and dpkg: the status file read as text, apt-get run so that it asks nothing, starts nothing and leaves nothing.

Options are those of apt-get(8), apt.conf(5), dpkg(1); sources.list(5) has the form of repositories.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from imagekit.diagnostics import Problem
from imagekit.system import shell
from imagekit.system.packages import program
from imagekit.system.packages.repository import put, put_key
from imagekit.system.text import read_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from imagekit.guest.protocol import Guest
    from imagekit.system.packages.repository import Repository

STATUS = "/var/lib/dpkg/status"
POLICY = "/usr/sbin/policy-rc.d"
_NO_STARTS = (
    "#!/bin/sh\n# While packages are installed into an image, no service is started: invoke-rc.d(8).\nexit 101\n"
)
SOURCES = "/etc/apt/sources.list.d"
KEYS = "/etc/apt/keyrings"

_ENVIRONMENT = {
    "DEBIAN_FRONTEND": "noninteractive",
    "APT_LISTCHANGES_FRONTEND": "none",
    "NEEDRESTART_SUSPEND": "1",
    "UCF_FORCE_CONFFOLD": "1",
}
_OPTIONS = (
    "Dpkg::Options::=--force-confdef",
    "Dpkg::Options::=--force-confold",
    "Dpkg::Use-Pty=0",
    "APT::Update::Error-Mode=any",
    "Acquire::Languages=none",
    "Acquire::Retries=3",
    f"Dir::State::lists={program.WORKSHOP}/lists",
    f"Dir::Cache={program.WORKSHOP}/cache",
)
_ALONE = f"{program.WORKSHOP}/alone.list"
# The lists hold what one source says and nothing else; files of the host need no sandbox to be read in.
_FROM_FOLDER = (f"Dir::Etc::sourcelist={_ALONE}", "Dir::Etc::sourceparts=/dev/null", "APT::Sandbox::User=root")
_CONTROLS = 'cd "$1" && for deb in *.deb; do echo "Filename: ./$deb"; dpkg-deb --field "$deb" || exit; echo; done'


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

    suffixes = (".deb",)

    def installed(self, guest: Guest) -> Mapping[str, str]:
        """Return what dpkg's status file says is installed; nothing is run."""
        return names_of(parse_status(read_text(guest, STATUS)))

    def held(self, guest: Guest) -> frozenset[str]:
        """Return the packages that dpkg was told to hold."""
        return frozenset(one.name for one in parse_status(read_text(guest, STATUS)) if one.want == "hold")

    def index(self, guest: Guest, folder: str) -> Mapping[str, str]:
        """Write a Packages file into the folder, as dpkg-scanpackages(1) would, which guests seldom have."""
        answer = program.run(guest, ["/bin/sh", "-c", _CONTROLS, "sh", folder], title="dpkg-deb --field")
        paragraphs = [part for part in answer.text.split("\n\n") if part.strip()]
        fields = [_fields(part) for part in paragraphs]
        files = [f"{folder}/{each.get('Filename', '')}" for each in fields]
        sums = [f"Size: {guest.lstat(path).size}\nSHA256: {guest.sha256(path)}\n" for path in files]
        entries = (f"{part.strip()}\n{more}\n" for part, more in zip(paragraphs, sums, strict=True))
        guest.write(f"{folder}/Packages", "".join(entries))
        return {each["Package"]: each["Version"] for each in fields}

    def install(self, guest: Guest, names: Sequence[str], *, folder: str = "") -> None:
        """Install, with the recommended packages unless the guest's apt.conf says no."""
        with _workshop(guest), _no_starts(guest):
            if folder:
                guest.write(_ALONE, f"deb [trusted=yes] file:{folder} ./\n")
            options = _FROM_FOLDER if folder else ()
            _apt_get(guest, "update", options=options, network=not folder)
            _apt_get(guest, "install", *names, options=options, network=not folder)

    def remove(self, guest: Guest, names: Sequence[str]) -> None:
        """Remove without purging: configuration files stay."""
        with _workshop(guest), _no_starts(guest):
            _apt_get(guest, "remove", *(name.partition("=")[0] for name in names))

    def autoremove(self, guest: Guest) -> None:
        """Ask what was installed for others and is needed by none, and remove that if there is any."""
        with _workshop(guest), _no_starts(guest):
            if "\nRemv " in f"\n{_apt_get(guest, 'autoremove', options=('APT::Get::Simulate=true',))}":
                _apt_get(guest, "autoremove")

    def update(self, guest: Guest) -> None:
        """Upgrade, new packages (a kernel's next ABI) included; nothing is removed."""
        with _workshop(guest), _no_starts(guest):
            _apt_get(guest, "update", network=True)
            _apt_get(guest, "upgrade", "--with-new-pkgs", network=True)

    def hold(self, guest: Guest, names: Sequence[str]) -> None:
        """Hold at the version that is installed."""
        bare = [name.partition("=")[0] for name in names]
        with _workshop(guest):
            program.run(guest, ["apt-mark", *_words(_OPTIONS), "hold", *bare], title="apt-mark hold", env=_ENVIRONMENT)

    def declare(self, guest: Guest, repository: Repository) -> None:
        """Write a .sources file, and its key beside it.

        Raises:
            Problem: it has no suites, or no components for them.
        """
        if not repository.suites:
            raise Problem(
                "suites",
                f"apt needs the suites of {repository.name}",
                fix="suites: [bookworm], or suites: [./] for a flat repository",
                code="IK-PKG-007",
            )
        flat = all(suite.endswith("/") for suite in repository.suites)
        if flat == bool(repository.components):
            message = (
                "a flat repository has no components" if flat else f"apt needs the components of {repository.name}"
            )
            raise Problem("components", message, fix="" if flat else "components: [main]", code="IK-PKG-007")
        key = put_key(guest, f"{KEYS}/{repository.name}.{'asc' if repository.key_is_text else 'gpg'}", repository)
        put(guest, f"{SOURCES}/{repository.name}.sources", sources_text(repository, key))


def sources_text(repository: Repository, key: str) -> str:
    """Return a .sources file, deb822 form of sources.list(5); ``key`` is the guest path of its key, or ""."""
    url = repository.url if "://" in repository.url else f"file:{repository.url}"
    fields = {
        "Types": "deb",
        "URIs": url,
        "Suites": " ".join(repository.suites),
        "Components": " ".join(repository.components),
        "Signed-By": key,
        "Trusted": "yes" if repository.trusted else "",
    }
    return "".join(f"{name}: {value}\n" for name, value in fields.items() if value)


def _words(options: Sequence[str]) -> list[str]:
    return [word for option in options for word in ("-o", option)]


def _apt_get(guest: Guest, verb: str, *words: str, options: Sequence[str] = (), network: bool = False) -> str:
    argv = ["apt-get", "-q", "-y", *_words([*_OPTIONS, *options]), verb, *words]
    return program.run(guest, argv, title=f"apt-get {verb}", env=_ENVIRONMENT, network=network).text


@contextlib.contextmanager
def _workshop(guest: Guest) -> Iterator[None]:
    # apt makes the partial folders itself, and gives them to its sandbox user _apt.
    with shell.temporary_folder(guest, program.WORKSHOP) as workshop:
        guest.mkdir_p(f"{workshop}/lists")
        guest.mkdir_p(f"{workshop}/cache/archives")
        yield


@contextlib.contextmanager
def _no_starts(guest: Guest) -> Iterator[None]:
    """Have invoke-rc.d start nothing; a policy of the guest's own steps aside and comes back."""
    with shell.set_aside(guest, POLICY), shell.temporary_file(guest, POLICY, _NO_STARTS, 0o755):
        yield
