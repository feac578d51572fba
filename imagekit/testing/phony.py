r"""Phony guests: what a distribution looks like, told once in YAML, as a MemoryGuest in a few milliseconds.

A recipe names what transforms look at and nothing else. Example::

    description: Debian 12
    links: {/bin: usr/bin}
    directories: {/tmp: {mode: "1777"}}
    programs: [/usr/bin/apt-get]           # empty, mode 0755
    files:
      /etc/hostname: "debian\n"
      /etc/shadow: {mode: "0640", gid: 42, content: "root:*:19700:0:99999:7:::\n"}
      /usr/bin/dash: {elf: x86_64}         # a header, so that the guest has an architecture
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from ruamel.yaml import YAML

from imagekit.guest.changes import Mode
from imagekit.guest.elf import header_for
from imagekit.testing import archive
from imagekit.testing.memory import MemoryGuest
from imagekit.testing.tree import Dir, Entry, File, Link

_GUESTS = Path(__file__).parents[2] / "fixtures" / "guests"


class _Described(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _PhonyFile(_Described):
    content: str = ""
    elf: str | None = None
    mode: Mode | None = None
    uid: int = 0
    gid: int = 0

    def entry(self) -> File:
        content = header_for(self.elf) if self.elf else self.content
        mode = (0o755 if self.elf else 0o644) if self.mode is None else self.mode
        return File(content, mode, self.uid, self.gid)


class _PhonyDirectory(_Described):
    mode: Mode = 0o755
    uid: int = 0
    gid: int = 0


class Recipe(_Described):
    """What a phony guest holds. Modes are octal strings."""

    description: str
    links: dict[str, str] = Field(default_factory=dict, description="Symbolic links: path -> target.")
    directories: dict[str, _PhonyDirectory] = Field(default_factory=dict)
    programs: tuple[str, ...] = Field((), description="Empty executables.")
    files: dict[str, str | _PhonyFile] = Field(default_factory=dict)

    def guest(self) -> MemoryGuest:
        """Return a fresh guest; links come first, so that other paths may go through them."""
        entries: dict[str, Entry] = {path: Link(target) for path, target in self.links.items()}
        entries |= {path: Dir(one.mode, one.uid, one.gid) for path, one in self.directories.items()}
        entries |= {path: File("", 0o755) for path in self.programs}
        entries |= {path: one if isinstance(one, str) else one.entry() for path, one in self.files.items()}
        return MemoryGuest(entries)


def guest_names() -> tuple[str, ...]:
    """Return the names of the phony guests that this checkout describes, sorted."""
    return tuple(sorted(path.stem for path in _GUESTS.glob("*.yaml")))


def read_recipe(which: str | Path) -> Recipe:
    """Read a recipe by the path of its file, or by its name among this checkout's ``fixtures/guests``.

    Raises:
        FileNotFoundError: there is none.
        pydantic.ValidationError: it is not a recipe.
    """
    path = which if isinstance(which, Path) else _GUESTS / f"{which}.yaml"
    document: Any = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    return Recipe.model_validate(document)


def load_guest(which: str | Path) -> MemoryGuest:
    """Return a fresh phony guest, by path or by name, for example ``load_guest("debian-12")``."""
    return read_recipe(which).guest()


def write_tar(guest: MemoryGuest, destination: Path) -> None:
    """Write all that a memory guest holds as a tar, to build a small real image of it."""
    archive.pack(guest.tree, destination)
