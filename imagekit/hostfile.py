"""Files of the host that a spec names: opened once, inside the spec's folder, digest kept."""

from __future__ import annotations

import contextlib
import errno
import glob
import hashlib
import os
import re
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PrivateAttr

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import ValidationInfo

_LARGEST = 64 << 20
_REFERENCE = re.compile(r"\$\{\{.*?\}\}")


class HostFile(BaseModel):
    """A host file by the path that the author wrote; its bytes are read once, when the spec is loaded.

    In a spec the path is relative to the spec's folder. Specs built in Python resolve it against the current
    folder. A file that changes later changes nothing: ``sha256`` and ``content`` are of the moment of loading.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: str = Field(description="Path of a file on the host, relative to the spec's folder.")
    sha256: str = Field(
        default="",
        description="SHA-256 of the content in hex; compared if it is given, else filled in when the spec is loaded.",
    )
    _content: bytes = PrivateAttr(default=b"")

    def model_post_init(self, context: Any) -> None:
        """Read the file from the folder that the loader put in the validation context."""
        folder = Path(context["folder"]) if isinstance(context, dict) and "folder" in context else Path()
        path = folder / self.file
        note_candidates(context, folder, self.file)
        try:
            content = _read(path)
        except OSError as error:
            raise ValueError(f"cannot read {self.file!r}: {error.strerror}") from error
        if len(content) > _LARGEST:
            raise ValueError(f"{self.file!r} is larger than {_LARGEST >> 20} MiB; put it in with upload")
        digest = hashlib.sha256(content).hexdigest()
        if self.sha256 not in ("", digest):
            raise ValueError(f"{self.file!r} is not the file that was asked for: its sha256 is {digest}")
        self._content = content
        object.__setattr__(self, "sha256", digest)
        note_read(context, digest)

    @property
    def content(self) -> bytes:
        """The bytes of the file as they were when the spec was loaded."""
        return self._content


def note_read(context: Any, *what: str) -> None:
    """Tell the loader which content was read of the host: it may put a list into the validation context as ``read``."""
    if isinstance(context, dict):
        context.get("read", []).extend(what)


def note_candidates(context: Any, folder: Path, name: str) -> None:
    """Note all that a name may mean which waits for the facts of a guest: ``${{ facts.family }}.conf`` is any ``*.conf``.

    Of a folder that is what its files hold. What cannot be read is not noted: it cannot be taken either.
    """
    if not _REFERENCE.search(name):
        return
    pattern = "*".join(glob.escape(part) for part in _REFERENCE.split(name))
    for found in sorted(glob.glob(pattern, root_dir=folder)):  # noqa: PTH207  Path.glob refuses absolute ones
        with contextlib.suppress(OSError):
            note_read(context, *(f"{found} {digest}" for digest in _digests(folder / found)))


def _digests(path: Path) -> Iterator[str]:
    for each in sorted(path.iterdir()) if path.is_dir() else (path,):
        yield f"{each.name} {hashlib.sha256(_read(each)).hexdigest()}"


def _read(path: Path) -> bytes:
    """Return the start of a regular file; nothing else is opened for good, since a pipe may never end or begin."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        with os.fdopen(descriptor, "rb", closefd=False) as opened:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise OSError(errno.EINVAL, "it is no regular file")
            return opened.read(_LARGEST + 1)
    finally:
        os.close(descriptor)


def from_text(value: Any, info: ValidationInfo) -> Any:  # noqa: ARG001
    """Let a bare path stand for a host file, in the validation of a field that is always one."""
    return {"file": value} if isinstance(value, str) else value


PathOrHostFile = Annotated[HostFile, BeforeValidator(from_text, json_schema_input_type=str | HostFile)]
"""A host file that a spec may write as a bare path, for fields that are always files (``source``)."""
