"""apk: its database read as text, and run so that no index and no package stays behind (apk(8), apk-world(5))."""

from __future__ import annotations

import io
import tarfile
from typing import TYPE_CHECKING

from imagekit.guest import edit
from imagekit.system.packages import program
from imagekit.system.packages.repository import put_key
from imagekit.system.text import read_text, write_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from imagekit.guest.protocol import Guest
    from imagekit.system.packages.repository import Repository

DATABASES = ("/lib/apk/db/installed", "/usr/lib/apk/db/installed")
"""Where the database is: before and after /lib went into /usr (Alpine 3.23)."""
WORLD = "/etc/apk/world"
REPOSITORIES = "/etc/apk/repositories"
KEYS = "/etc/apk/keys"
_INDEX = "APKINDEX.tar.gz"
_ARCHES = {"i686": "x86", "armv7l": "armv7", "armv6l": "armhf"}
"""Alpine's own names, where they are not those of uname(1)."""


def parse_installed(text: str) -> dict[str, str]:
    """Return the version by each installed name, and "" for each name that is only provided.

    The format is that of apk-package(5) indexes: paragraphs of ``P:`` name, ``V:`` version, ``p:`` provides.
    """
    versions: dict[str, str] = {}
    provided: dict[str, str] = {}
    for paragraph in text.split("\n\n"):
        fields = {line[0]: line[2:] for line in paragraph.splitlines() if line[1:2] == ":" and line[0] in "PVp"}
        if "P" in fields:
            versions[fields["P"]] = fields.get("V", "")
            names = (word.split("=")[0] for word in fields.get("p", "").split())
            provided.update({name: "" for name in names if ":" not in name})
    return {**provided, **versions}


def pinned(world: str, versions: Mapping[str, str], names: Sequence[str]) -> str:
    """Return the text of the world file with each name at the version that it has now."""
    kept = [word for word in world.split() if _bare(word) not in names]
    return "".join(f"{word}\n" for word in sorted([*kept, *(f"{name}={versions[name]}" for name in names)]))


def _bare(word: str) -> str:
    for mark in "<>=~@":
        word = word.partition(mark)[0]
    return word


def indexed(archive: bytes) -> dict[str, str]:
    """Return the version by name from an APKINDEX.tar.gz, whose member APKINDEX has paragraphs as the database has."""
    with tarfile.open(fileobj=io.BytesIO(archive)) as opened:
        file = opened.extractfile("APKINDEX")
        text = file.read().decode(errors="replace") if file else ""
    return {name: version for name, version in parse_installed(text).items() if version}


class Apk:
    """apk-tools, on its own files."""

    suffixes = (".apk",)

    def installed(self, guest: Guest) -> Mapping[str, str]:
        """Return what the database says is installed; nothing is run."""
        return parse_installed("\n\n".join(read_text(guest, path) for path in DATABASES))

    def held(self, guest: Guest) -> frozenset[str]:
        """Return the packages that the world file keeps at one version."""
        return frozenset(_bare(word) for word in read_text(guest, WORLD).split() if "=" in word)

    def index(self, guest: Guest, folder: str) -> Mapping[str, str]:
        """Write an index, by the guest's own apk, into a folder by the name of the architecture, as apk looks for it."""
        place = f"{folder}/{_arch(guest)}"
        guest.mkdir_p(place)
        files = [f"{place}/{name}" for name in guest.ls(folder) if name.endswith(self.suffixes)]
        for path in files:
            guest.mv(f"{folder}/{path.rpartition('/')[2]}", path)
        _apk(guest, "index", "--output", f"{place}/{_INDEX}", *files, options=("--allow-untrusted",))
        return indexed(guest.read_file(f"{place}/{_INDEX}"))

    def install(self, guest: Guest, names: Sequence[str], *, folder: str = "") -> None:
        """Add to the world and install.

        Files that are given to ``apk add`` by path are pinned by their digest in the world file, so a folder is
        always taken as a repository.
        """
        if folder:
            alone = ("--repositories-file", "/dev/null", "--repository", folder, "--allow-untrusted", "--no-network")
            _apk(guest, "add", *names, options=alone)
        else:
            _apk(guest, "add", *names, network=True)

    def remove(self, guest: Guest, names: Sequence[str]) -> None:
        """Take out of the world, with what only these needed."""
        _apk(guest, "del", *(name.partition("=")[0] for name in names), options=("--no-network",))

    def autoremove(self, guest: Guest) -> None:
        """Do nothing: whatever apk does, it removes what the world does not need."""

    def update(self, guest: Guest) -> None:
        """Upgrade all."""
        _apk(guest, "upgrade", network=True)

    def hold(self, guest: Guest, names: Sequence[str]) -> None:
        """Pin in the world file, as ``apk add name=version`` would."""
        bare = [name.partition("=")[0] for name in names]
        write_text(guest, WORLD, pinned(read_text(guest, WORLD), self.installed(guest), bare))

    def declare(self, guest: Guest, repository: Repository) -> None:
        """Add a line to the repositories, and the key under the name that its packages are signed by."""
        if repository.key:
            put_key(guest, f"{KEYS}/{repository.key.file.rpartition('/')[2]}", repository)
        write_text(guest, REPOSITORIES, edit.ensure_line(read_text(guest, REPOSITORIES), repository.url))


def _arch(guest: Guest) -> str:
    return read_text(guest, "/etc/apk/arch").strip() or _ARCHES.get(guest.facts.arch, guest.facts.arch)


def _apk(guest: Guest, verb: str, *words: str, options: Sequence[str] = (), network: bool = False) -> None:
    argv = ["apk", "--no-cache", "--no-progress", *options, verb, *words]
    program.run(guest, argv, title=f"apk {verb}", network=network)
