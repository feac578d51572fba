"""The write-files transform."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from imagekit.diagnostics import Problem
from imagekit.guest import paths
from imagekit.hostfile import PathOrHostFile
from imagekit.secret import Secret, SecretText
from imagekit.system import accounts
from imagekit.system.fields import GuestPath, Mode, Owner, text_of
from imagekit.system.hosttemplate import PathOrTemplate
from imagekit.transform import Transform

if TYPE_CHECKING:
    from imagekit.guest.facts import Facts
    from imagekit.guest.protocol import Guest


class FileEntry(BaseModel):
    """One file: where, what is in it, whose it is."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    path: GuestPath
    """Where the file stands in the guest; missing parents are made, root's, mode 0755."""
    content: SecretText | None = None
    """The text of the file."""
    source: PathOrHostFile | None = None
    """A file of the host, relative to the spec's folder, taken byte for byte."""
    template: PathOrTemplate | None = None
    """A text file of the host, as ``source``, in which ``${{ name }}`` is filled in as in the spec itself."""
    mode: Mode | None = None
    """Octal and quoted; "0644" unless said, "0600" for a secret. A file that is appended to keeps its own unless said."""
    owner: Owner | None = None
    """A user of the guest, by name or number; root unless said."""
    group: Owner | None = None
    """A group of the guest, by name or number; root unless said."""
    append: bool = False
    """Add to the end of the file, unless it is in it already; a final link is followed."""

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        given = [name for name in ("content", "source", "template") if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(f"give exactly one of content, source and template, not {' and '.join(given) or 'none'}")
        return self

    def data(self, facts: Facts) -> bytes:
        """Return what the file shall hold, or what is added to it, on a guest of which this is known."""
        if self.template:
            return self.template.render(facts)
        return self.source.content if self.source else text_of(self.content or "").encode()

    @property
    def usual_mode(self) -> int:
        """The mode of a new file if none is said."""
        return 0o600 if isinstance(self.content, Secret) else 0o644


class WriteFiles(Transform):
    """Write files into the guest, whole or appended to."""

    main: ClassVar[str | None] = "files"
    example: ClassVar[str] = 'write-files: [{path: /etc/motd, content: "welcome\\n", mode: "0644"}]'

    kind: Literal["write-files"] = "write-files"
    files: Annotated[tuple[FileEntry, ...], Field(min_length=1)]
    """The files, written in this order."""

    def title(self) -> str:
        """Return the path, or how many there are."""
        return f"write-files {self.files[0].path if len(self.files) == 1 else f'{len(self.files)} files'}"

    def apply(self, guest: Guest) -> None:
        """Write each file; a final link is replaced by the file, unless it is appended to."""
        for position, entry in enumerate(self.files):
            _put(guest, entry, f"files[{position}]")


def _put(guest: Guest, entry: FileEntry, field: str) -> None:
    uid = accounts.uid_of(guest, "root" if entry.owner is None else entry.owner, f"{field}.owner")
    gid = accounts.gid_of(guest, "root" if entry.group is None else entry.group, f"{field}.group")
    if guest.is_dir(entry.path, followsymlinks=entry.append):
        raise Problem(f"{field}.path", f"{entry.path} is a directory in this image", code="IK-WRF-001")
    guest.mkdir_p(paths.parent(entry.path))
    appended = entry.append and guest.exists(entry.path)
    if appended:
        _append(guest, entry)
    else:
        if not entry.append and guest.is_symlink(entry.path):
            guest.rm_f(entry.path)
        guest.write(entry.path, entry.data(guest.facts))
    now = guest.lstat(guest.realpath(entry.path))
    owned = (
        now.uid if appended and entry.owner is None else uid,
        now.gid if appended and entry.group is None else gid,
    )
    mode = entry.mode if entry.mode is not None else (now.mode if appended else entry.usual_mode)
    if owned != (now.uid, now.gid):
        guest.chown(*owned, entry.path)
    if (*owned, mode) != (now.uid, now.gid, now.mode):
        guest.chmod(mode, entry.path)  # after chown(2), which drops set-user-ID


def _append(guest: Guest, entry: FileEntry) -> None:
    there, added = guest.read_file(entry.path), entry.data(guest.facts)
    gap = b"\n" if there and not there.endswith(b"\n") else b""
    # Adding nothing changes nothing, but tells the journal that this step holds the file.
    guest.write_append(entry.path, b"" if holds_lines(there, added) else gap + added)


def holds_lines(text: bytes, lines: bytes) -> bool:
    """Tell whether the text already holds the lines, as whole lines."""
    return b"\n" + lines.rstrip(b"\n") + b"\n" in b"\n" + text + b"\n"
