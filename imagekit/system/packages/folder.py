"""A folder of package files on the host, which stands in a guest for as long as they are installed from it."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PrivateAttr

from imagekit.diagnostics import Problem
from imagekit.hostfile import note_candidates, note_read
from imagekit.system import shell
from imagekit.system.packages import manager

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from imagekit.guest.protocol import Guest
    from imagekit.system.packages.manager import Manager

PLACE = "/var/cache/imagekit-folder"
"""Where the files are in the guest meanwhile."""
_PACKAGES = (".deb", ".rpm", ".apk", ".pkg.tar", ".pkg.tar.gz", ".pkg.tar.xz", ".pkg.tar.zst")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9.,+~^_:%=-]*")
_CHUNK = 1 << 20


class PackageFolder(BaseModel):
    """The package files that a folder of the host holds, by the path that the author wrote.

    In a spec the path is relative to the spec's folder. Digests are of the moment of loading; a file that changes
    later is refused when it is taken.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    folder: str
    """Path of a folder on the host, relative to the spec's folder; what is below its own folders is not looked at."""
    sha256: dict[str, str] = Field(default_factory=dict)
    """SHA-256 in hex of each package file by its name; compared if given, else filled in when the spec is loaded."""
    _where: Path = PrivateAttr(default=Path())

    def model_post_init(self, context: Any) -> None:
        """Digest the files of the folder that the loader put in the validation context."""
        base = Path(context["folder"]) if isinstance(context, dict) and "folder" in context else Path()
        self._where = base / self.folder
        note_candidates(context, base, self.folder)
        try:
            files = sorted(path for path in self._where.iterdir() if path.name.endswith(_PACKAGES))
            found = {path.name: _digest(path) for path in files}
        except OSError as error:
            raise ValueError(f"cannot read {error.filename or self.folder!r}: {error.strerror}") from error
        if not found:
            raise ValueError(f"{self.folder!r} holds no package files ({', '.join(_PACKAGES[:3])}, .pkg.tar.zst)")
        if self.sha256 not in ({}, found):
            raise ValueError(f"{self.folder!r} does not hold the files that were asked for")
        object.__setattr__(self, "sha256", found)
        note_read(context, *(f"{name} {digest}" for name, digest in found.items()))

    def names(self, suffixes: tuple[str, ...]) -> tuple[str, ...]:
        """Return the names of the files that one package manager takes, sorted."""
        return tuple(name for name in self.sha256 if name.endswith(suffixes))

    def path_of(self, name: str) -> Path:
        """Return where a file is on the host."""
        return self._where / name


def _digest(path: Path) -> str:
    """Return the SHA-256 of a regular file in hex; nothing else is opened for good, since a pipe may never end."""
    if not _NAME.fullmatch(path.name):
        raise ValueError(f"{path.name!r} is no name of a package file")
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as opened:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise ValueError(f"{path.name!r} is no regular file")
        digest = hashlib.sha256()
        while chunk := opened.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _from_text(value: Any) -> Any:
    return {"folder": value} if isinstance(value, str) else value


PathOrPackageFolder = Annotated[PackageFolder, BeforeValidator(_from_text, json_schema_input_type=str | PackageFolder)]
"""A folder of package files that a spec may write as a bare path."""


@contextlib.contextmanager
def in_guest(guest: Guest, tool: Manager, source: PackageFolder, field: str = "from") -> Iterator[dict[str, str]]:
    """Have the files in the guest at ``PLACE``, indexed, for as long as the block runs; yield the version by name.

    Raises:
        Problem: at ``field``: no file is for this guest's package manager, or one changed since the spec was loaded.
    """
    names = source.names(tool.suffixes)
    if not names:
        raise no_files(source, tool.suffixes, field)
    with shell.temporary_folder(guest, PLACE):
        for name in names:
            guest.upload(source.path_of(name), f"{PLACE}/{name}")
            if guest.sha256(f"{PLACE}/{name}") != source.sha256[name]:
                raise Problem(field, f"{name} was changed since the spec was loaded", code="IK-PKG-010")
        yield dict(tool.index(guest, PLACE))


def install_from(
    guest: Guest, tool: Manager, source: PackageFolder, names: Sequence[str] = (), *, field: str = "from"
) -> bool:
    """Install what is missing of the names, or of all that is in a folder of the host, from that alone.

    Nothing is put into the guest if all of the names are there. Tell whether anything was installed.

    Raises:
        Problem: at ``field``, see ``in_guest``.
        CommandFailed: the package manager failed.
    """
    if names and not manager.missing(names, tool.installed(guest)):
        return False
    with in_guest(guest, tool, source, field) as available:
        wanted = names or tuple(f"{name}={version}" for name, version in available.items())
        todo = manager.missing(wanted, tool.installed(guest))
        if todo:
            tool.install(guest, todo, folder=PLACE)
    return bool(todo)


def no_files(source: PackageFolder, suffixes: tuple[str, ...], field: str) -> Problem:
    """Return the Problem of a folder that has nothing for a guest's package manager."""
    return Problem(
        field,
        f"{source.folder} holds no {' or '.join(suffixes)} files",
        why=f"this image takes {suffixes[0]}; the folder holds {', '.join(list(source.sha256)[:3])}",
        fix="give the folder of this family's packages, or leave this step to other images with when",
        code="IK-PKG-006",
    )
