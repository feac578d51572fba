"""pacman: its database read as text, and run on lists and a cache of its own (pacman(8), pacman.conf(5), repo-add(8))."""

from __future__ import annotations

import io
import re
import tarfile
from typing import TYPE_CHECKING

from imagekit.diagnostics import Problem
from imagekit.guest import edit
from imagekit.system import shell
from imagekit.system.packages import program
from imagekit.system.text import read_text, write_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from imagekit.guest.protocol import Guest
    from imagekit.system.packages.repository import Repository

DATABASE = "/var/lib/pacman"
CONFIG = "/etc/pacman.conf"
_ALONE = f"{program.WORKSHOP}/pacman.conf"
_INDEX = "imagekit.db.tar.gz"
_MOUNTED = 'mount --bind "$1" "$2" && shift 2 && exec "$@"'


class Pacman:
    """pacman of Arch Linux. Lists are fetched anew each time, for mirrors drop what old lists name."""

    suffixes = (".pkg.tar.zst", ".pkg.tar.xz", ".pkg.tar.gz", ".pkg.tar")

    def installed(self, guest: Guest) -> Mapping[str, str]:
        """Return what the local database says is installed; nothing is run."""
        texts = [read_text(guest, path) for path in guest.glob_expand(f"{DATABASE}/local/*/desc")]
        return names_of(texts)

    def held(self, guest: Guest) -> frozenset[str]:
        """Return the packages that pacman.conf says to ignore."""
        return frozenset(ignored(read_text(guest, CONFIG)))

    def index(self, guest: Guest, folder: str) -> Mapping[str, str]:
        """Write a database into the folder, by the guest's own repo-add."""
        files = [f"{folder}/{name}" for name in guest.ls(folder) if name.endswith(self.suffixes)]
        program.run(guest, ["repo-add", "--quiet", f"{folder}/{_INDEX}", *files], title="repo-add")
        return indexed(guest.read_file(f"{folder}/{_INDEX}"))

    def install(self, guest: Guest, names: Sequence[str], *, folder: str = "") -> None:
        """Install. Arch supports no partial upgrades: with an old image, update in the same step."""
        _pacman(guest, "-Sy", "--needed", *names, folder=folder, network=not folder)

    def remove(self, guest: Guest, names: Sequence[str]) -> None:
        """Remove with what depends on it; changed configuration files stay as .pacsave."""
        _pacman(guest, "-Rc", *(name.partition("=")[0] for name in names))

    def autoremove(self, guest: Guest) -> None:
        """Ask what was installed for others and is needed by none, and remove that if there is any."""
        answer = program.run(guest, ["pacman", "-Qdtq"], title="pacman -Q", good=(0, 1))
        # Warnings stand among the names: of a repository that was never fetched into the guest, for example.
        unneeded = [line for line in answer.text.splitlines() if re.fullmatch(r"[a-z0-9@._+-]+", line)]
        if answer.status == 0 and unneeded:
            _pacman(guest, "-Rs", *unneeded)

    def update(self, guest: Guest) -> None:
        """Upgrade all."""
        _pacman(guest, "-Syu", network=True)

    def hold(self, guest: Guest, names: Sequence[str]) -> None:
        """Have pacman.conf ignore the packages."""
        text = read_text(guest, CONFIG)
        write_text(guest, CONFIG, with_ignored(text, [name.partition("=")[0] for name in names]))

    def declare(self, guest: Guest, repository: Repository) -> None:
        """Write a section of pacman.conf.

        Raises:
            Problem: it has a key, which pacman takes into a keyring of its own.
        """
        if repository.key is not None:
            raise Problem(
                "key",
                "pacman takes keys into its own keyring, which imagekit does not write",
                fix="add the key with pacman-key in a run step, and leave key out here",
                code="IK-PKG-008",
            )
        text = read_text(guest, CONFIG)
        write_text(guest, CONFIG, with_section(text, repository.name, _section(repository)))


def names_of(texts: Sequence[str]) -> dict[str, str]:
    """Return the version by each spelling of the packages whose ``desc`` files these are; "" for what is provided."""
    own: dict[str, str] = {}
    provided: dict[str, str] = {}
    for fields in map(_fields, texts):
        name, version = "".join(fields.get("NAME", [])), "".join(fields.get("VERSION", []))
        if name:
            own.update({name: version, f"{name}={version.rpartition('-')[0]}": version})
            provided.update({word.partition("=")[0]: "" for word in fields.get("PROVIDES", [])})
    return {**provided, **own}


def _fields(text: str) -> dict[str, list[str]]:
    """Read blocks of ``%NAME%`` and the lines below it."""
    blocks = (block.strip().split("\n") for block in text.split("\n\n"))
    return {block[0].strip("%"): block[1:] for block in blocks if block[0].startswith("%")}


def indexed(archive: bytes) -> dict[str, str]:
    """Return the version by name from a database of repo-add: a tar with a ``desc`` file for each package."""
    with tarfile.open(fileobj=io.BytesIO(archive)) as opened:
        members = [member for member in opened if member.isreg() and member.name.endswith("/desc")]
        texts = [file.read().decode(errors="replace") for member in members if (file := opened.extractfile(member))]
    found = map(_fields, texts)
    return {"".join(each["NAME"]): "".join(each["VERSION"]) for each in found if {"NAME", "VERSION"} <= set(each)}


def _sections(text: str) -> Iterator[tuple[str, str]]:
    """Yield each section of a pacman.conf with its text, header and comments included; "" for what is before any."""
    name, lines = "", list[str]()
    for line in text.splitlines(keepends=True):
        header = re.match(r"\s*\[([^\]]+)\]", line)
        if header:
            yield name, "".join(lines)
            name, lines = header[1], []
        lines.append(line)
    yield name, "".join(lines)


def ignored(text: str) -> list[str]:
    """Return what IgnorePkg of a pacman.conf names, in order."""
    lines = re.findall(r"^[ \t]*IgnorePkg[ \t]*=(.*)$", text, re.MULTILINE)
    return [word for line in lines for word in line.split()]


def with_ignored(text: str, names: Sequence[str]) -> str:
    """Return a pacman.conf that ignores these packages too."""
    found = re.findall(r"^[ \t]*IgnorePkg[ \t]*=[ \t]*(.*?)[ \t]*$", text, re.MULTILINE)
    words = [*(found[-1].split() if found else ()), *names]
    return edit.set_ini_value(text, "options", "IgnorePkg", " ".join(dict.fromkeys(words)))


def with_section(text: str, name: str, section: str) -> str:
    """Return a pacman.conf with a repository's section in place of one of that name, or at the end."""
    parts = list(_sections(text))
    if name not in (each for each, _ in parts):
        return f"{edit.with_final_newline(text)}\n{section}"
    return "".join(
        f"{section}\n" if each == name and i < len(parts) - 1 else section if each == name else body
        for i, (each, body) in enumerate(parts)
    )


def only_options(text: str) -> str:
    """Return a pacman.conf without any of its repositories."""
    return "".join(body for name, body in _sections(text) if name in ("", "options"))


def _section(repository: Repository) -> str:
    url = repository.url if "://" in repository.url else f"file://{repository.url}"
    level = "SigLevel = Never\n" if repository.trusted else ""
    return f"[{repository.name}]\n{level}Server = {url}\n"


def _pacman(guest: Guest, verb: str, *words: str, folder: str = "", network: bool = False) -> None:
    """Run pacman; what it fetches, lists and packages, is kept apart and gone afterwards.

    The database is a folder in which the guest's own ``local`` is mounted. A link, as checkupdates(8) has it, does
    for lists alone: when pacman installs, libarchive replaces it by a folder (ARCHIVE_EXTRACT_SECURE_SYMLINKS with
    ARCHIVE_EXTRACT_UNLINK, archive_write_disk(3)), and the guest never learns what was installed.
    """
    with shell.temporary_folder(guest, program.WORKSHOP) as workshop:
        guest.mkdir_p(f"{workshop}/cache")
        guest.mkdir_p(f"{workshop}/db/sync")
        guest.mkdir_p(f"{workshop}/db/local")
        apart = ["--dbpath", f"{workshop}/db", "--cachedir", f"{workshop}/cache"]
        if folder:
            server = f"[imagekit]\nSigLevel = Never\nServer = file://{folder}\n"
            write_text(guest, _ALONE, f"{edit.with_final_newline(only_options(read_text(guest, CONFIG)))}\n{server}")
            apart += ["--config", _ALONE]
        argv = ["pacman", verb, "--noconfirm", "--noprogressbar", *apart, *words]
        mounted = ["/bin/sh", "-c", _MOUNTED, "sh", f"{DATABASE}/local", f"{workshop}/db/local"]
        program.run(guest, [*mounted, *argv], title=f"pacman {verb}", network=network)
