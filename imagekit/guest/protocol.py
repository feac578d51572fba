"""What imagekit asks of a guest: about thirty verbs, named as in guestfs(3).

Guest paths are absolute ``str``; host paths are ``pathlib.Path``. A verb resolves links inside the guest, never
on the host. Three guests keep this protocol, and one contract suite holds all three to it: ``MemoryGuest`` (a
dict), ``JournaledGuest`` (records changes) and the appliance's adapter (the real thing).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from imagekit.guest.facts import Facts

Kind = Literal["file", "directory", "symlink", "other"]


@dataclass(frozen=True, slots=True)
class Stat:
    """What lstat(2) tells: kind, permission bits (07777), numeric owner and group, size in bytes."""

    kind: Kind
    mode: int
    uid: int
    gid: int
    size: int


@dataclass(frozen=True, slots=True)
class CommandResult:
    """How a guest program ended: exit status, and the last MiB of stdout and stderr together."""

    status: int
    output: bytes

    @property
    def text(self) -> str:
        """The output as text, undecodable bytes replaced."""
        return self.output.decode(errors="replace")


@runtime_checkable
class Guest(Protocol):
    """A mounted guest. Every verb raises ``GuestError`` (guest/errors.py) when it cannot do what it says."""

    @property
    def facts(self) -> Facts:
        """What inspection learnt of the guest."""
        ...

    # Look. The parents of a path are always resolved inside the guest.
    def exists(self, path: str) -> bool:
        """Tell whether a path exists, links followed; a dangling link does not exist."""
        ...

    def is_file(self, path: str, *, followsymlinks: bool = False) -> bool:
        """Tell whether a path is a regular file; a final link is followed only if asked."""
        ...

    def is_dir(self, path: str, *, followsymlinks: bool = False) -> bool:
        """Tell whether a path is a directory; a final link is followed only if asked."""
        ...

    def is_symlink(self, path: str) -> bool:
        """Tell whether a path is a symbolic link, dangling or not."""
        ...

    def lstat(self, path: str) -> Stat:
        """Return what the path itself is, a final link not followed; NoSuchFile if nothing is there."""
        ...

    def readlink(self, path: str) -> str:
        """Return the target of a symbolic link as it is written."""
        ...

    def realpath(self, path: str) -> str:
        """Return the path with every link resolved inside the guest; NoSuchFile if it ends nowhere."""
        ...

    def read_file(self, path: str) -> bytes:
        """Return a regular file's whole content, links followed. At most 64 MiB."""
        ...

    def pread(self, path: str, count: int, offset: int) -> bytes:
        """Return up to ``count`` bytes from ``offset``; fewer at the end of the file."""
        ...

    def ls(self, directory: str) -> tuple[str, ...]:
        """Return the sorted names in a directory, without . and .."""
        ...

    def glob_expand(self, pattern: str) -> tuple[str, ...]:
        """Return the sorted absolute paths that match a shell pattern; () if none does. Directories have no final /."""
        ...

    def find(self, directory: str) -> tuple[str, ...]:
        """Return the sorted absolute paths of all that is below a directory, links not followed."""
        ...

    def sha256(self, path: str) -> str:
        """Return the digest of a regular file's content, computed inside the appliance."""
        ...

    def lgetxattr(self, path: str, name: str) -> bytes | None:
        """Return one extended attribute of the path itself, or None."""
        ...

    # Change. Unless said, a final link is followed, as guestfs(3) does.
    def write(self, path: str, content: bytes | str) -> None:
        """Replace a file's content, keeping mode and owner; a new file is root's, mode 0644."""
        ...

    def write_append(self, path: str, content: bytes | str) -> None:
        """Add to the end of a file; a new file is root's, mode 0644."""
        ...

    def upload(self, filename: Path, path: str) -> None:
        """Replace a file's content with that of a host file, of any size."""
        ...

    def tar_in(self, tarfile: Path, directory: str) -> None:
        """Unpack an uncompressed host tar below an existing guest directory whose path has no line break."""
        ...

    def mkdir_p(self, path: str) -> None:
        """Make a directory and its parents (root's, mode 0755); fine if it is there."""
        ...

    def rm_f(self, path: str) -> None:
        """Remove a file or a link, not what it points at; fine if nothing is there."""
        ...

    def rm_rf(self, path: str) -> None:
        """Remove a file, a link or a whole directory, links inside not followed; fine if nothing is there."""
        ...

    def erase(self, *paths: str) -> None:
        """Overwrite regular files' bytes in place with zeros, then remove them; fine if nothing is there.

        Give all at once: each call waits until the zeros are on the disk.
        """
        ...

    def mv(self, src: str, dest: str) -> None:
        """Rename; an existing ``dest`` file is replaced, a directory ``dest`` is moved into. The source link is not followed."""
        ...

    def cp_a(self, src: str, dest: str) -> None:
        """Copy a file or a tree with mode, owner and links kept; ``dest`` is replaced, or copied into if a directory."""
        ...

    def ln_sf(self, target: str, linkname: str) -> None:
        """Make a symbolic link, replacing a file or link of that name."""
        ...

    def chmod(self, mode: int, path: str) -> None:
        """Set the permission bits (octal 07777)."""
        ...

    def chown(self, owner: int, group: int, path: str) -> None:
        """Set the numeric owner and group."""
        ...

    def touch(self, path: str) -> None:
        """Make an empty file if nothing is there."""
        ...

    def truncate(self, *paths: str) -> None:
        """Overwrite existing files' bytes in place with zeros, then make them empty; NoSuchFile for one that is not there.

        Give all at once: each call waits until the zeros are on the disk.
        """
        ...

    def setxattr(self, path: str, name: str, value: bytes) -> None:
        """Set one extended attribute."""
        ...

    def command(
        self,
        argv: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        network: bool = False,
        timeout: float | None = None,
    ) -> CommandResult:
        """Run a guest program, chrooted, as root, with nothing on stdin and a minimal environment plus ``env``.

        A status other than 0 is returned, not raised. With ``network`` the program may reach the network and
        resolve names; without it, it cannot. No process that it leaves behind survives the call. ``timeout`` is
        in seconds; running into it ends the whole session (StepTimeout).
        """
        ...
