"""apk: its database read as text, and run so that no index and no package stays behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagekit.system import shell
from imagekit.system.text import read_text, write_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from imagekit.guest.protocol import Guest

DATABASES = ("/lib/apk/db/installed", "/usr/lib/apk/db/installed")
"""Where the database is: before and after /lib went into /usr (Alpine 3.23)."""
WORLD = "/etc/apk/world"


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


class Apk:
    """apk-tools, on its own files."""

    def installed(self, guest: Guest) -> Mapping[str, str]:
        """Return what the database says is installed; nothing is run."""
        return parse_installed("\n\n".join(read_text(guest, path) for path in DATABASES))

    def held(self, guest: Guest) -> frozenset[str]:
        """Return the packages that the world file keeps at one version."""
        return frozenset(_bare(word) for word in read_text(guest, WORLD).split() if "=" in word)

    def install(self, guest: Guest, names: Sequence[str]) -> None:
        """Add to the world and install."""
        _apk(guest, "add", *names, network=True)

    def remove(self, guest: Guest, names: Sequence[str]) -> None:
        """Take out of the world, with what only these needed."""
        _apk(guest, "del", *names)

    def update(self, guest: Guest) -> None:
        """Upgrade all."""
        _apk(guest, "upgrade", network=True)

    def hold(self, guest: Guest, names: Sequence[str]) -> None:
        """Pin in the world file, as ``apk add name=version`` would."""
        write_text(guest, WORLD, pinned(read_text(guest, WORLD), self.installed(guest), names))


def _apk(guest: Guest, verb: str, *words: str, network: bool = False) -> None:
    argv = ["apk", "--no-cache", "--no-progress", verb, *words]
    shell.run(guest, argv, title=f"apk {verb}", network=network)
