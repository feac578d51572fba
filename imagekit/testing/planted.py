"""A guest that has lived: every identity of the catalogue, planted from one description, with canaries to look for.

The description is ``fixtures/planted.yaml`` of a checkout. What it holds is put into a ``MemoryGuest``, or into a real
guest as a tar.
"""

from __future__ import annotations

import hashlib
import io
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field
from ruamel.yaml import YAML

from imagekit.guest.changes import Mode
from imagekit.testing.tree import File

if TYPE_CHECKING:
    from collections.abc import Iterable

    from imagekit.testing.memory import MemoryGuest

_DESCRIPTION = Path(__file__).parents[2] / "fixtures" / "planted.yaml"


class _Described(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Person(_Described):
    """Somebody whose home is not below /home."""

    name: str
    uid: int
    home: str

    @property
    def line(self) -> str:
        """Their line of passwd(5)."""
        return f"{self.name}:x:{self.uid}:100::{self.home}:/bin/sh\n"


class _PlantedFile(_Described):
    content: str
    mode: Mode = 0o644
    uid: int = 0
    gid: int = 0
    fill: int = Field(0, description="Bytes to fill it up to, with #, as GRUB does.")


class PlantedItem(_Described):
    """How one identity looks."""

    families: tuple[str, ...] = Field((), description="The families that have it; every one if empty.")
    needs: dict[str, str] = Field(default_factory=dict, description="Programs and texts that its reset looks at.")
    files: dict[str, str | _PlantedFile]


class Planting(_Described):
    """What is planted, by the id of the item."""

    person: Person
    items: dict[str, PlantedItem]

    def ids(self, family: str) -> tuple[str, ...]:
        """Return the ids of what a guest of a family may have."""
        return tuple(name for name, item in self.items.items() if not item.families or family in item.families)

    def files(self, name: str) -> dict[str, File]:
        """Return the files of an item by path, canaries filled in."""
        return {
            self._filled(path, name): self._entry(described, name) for path, described in self.items[name].files.items()
        }

    def plant(self, guest: MemoryGuest, names: Iterable[str]) -> None:
        """Put these items into a guest, with the person, and with the programs that their resets look at."""
        guest.mkdir_p("/etc")
        guest.write_append("/etc/passwd", self.person.line)
        for name in names:
            for path, content in self.items[name].needs.items():
                guest.add(path, File(content, 0o755))
            for path, entry in self.files(name).items():
                guest.add(path, entry)

    def write_tar(self, destination: Path, names: Iterable[str]) -> None:
        """Write the files of these items as a tar to unpack in a real guest; add ``person.line`` to its /etc/passwd.

        There is no folder in it, so those that the guest has keep their mode, and no program that a reset looks at.
        """
        with tarfile.open(destination, "w") as archive:
            for name in names:
                for path, file in self.files(name).items():
                    member = tarfile.TarInfo(path.lstrip("/"))
                    content = file.content if isinstance(file.content, bytes) else file.content.encode()
                    member.size, member.mode, member.uid, member.gid = len(content), file.mode, file.uid, file.gid
                    archive.addfile(member, io.BytesIO(content))

    def _entry(self, described: str | _PlantedFile, name: str) -> File:
        file = _PlantedFile(content=described) if isinstance(described, str) else described
        return File(self._filled(file.content, name).ljust(file.fill, "#"), file.mode, file.uid, file.gid)

    def _filled(self, text: str, name: str) -> str:
        for word, value in zip(("{canary}", "{hex}", "{mac}"), canaries(name), strict=True):
            text = text.replace(word, value)
        return text.replace("{home}", self.person.home)


def canaries(name: str) -> tuple[str, str, str]:
    """Return the text, the 32 hex digits and the address of a network card that stand for an item."""
    digits = hashlib.sha256(name.encode()).hexdigest()[:32]
    # The 13th digit is the version of a UUID, the 17th its variant: a machine-id is one, machine-id(5).
    digits = f"{digits[:12]}4{digits[13:16]}8{digits[17:]}"
    pairs = (digits[start : start + 2] for start in range(0, 8, 2))
    return f"canary-{name}-{digits[:8]}", digits, ":".join(["52", "54", *pairs])


def read_planting(path: Path = _DESCRIPTION) -> Planting:
    """Read a description, by default that of this checkout.

    Raises:
        FileNotFoundError: there is none.
        pydantic.ValidationError: it is no such description.
    """
    document: Any = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    return Planting.model_validate(document)
