"""The verbs that look at a real guest, over a session."""

from __future__ import annotations

import stat as stat_bits
from typing import TYPE_CHECKING, Any

from imagekit.appliance.channel import VerbRefused
from imagekit.appliance.links import LinkResolver
from imagekit.appliance.memory import Remembering
from imagekit.appliance.refusal import translate
from imagekit.guest.errors import GuestError, NoSuchFile, WrongKind
from imagekit.guest.paths import LinkLoop, normal, validate
from imagekit.guest.protocol import Stat

if TYPE_CHECKING:
    from imagekit.appliance.session import Session
    from imagekit.guest.protocol import Kind

BY_MESSAGE = 1 << 20
"""Above this many bytes content goes by file: the protocol's messages end at about 4 MB."""
_LARGEST_READ = 64 << 20
_KINDS: dict[int, Kind] = {stat_bits.S_IFREG: "file", stat_bits.S_IFDIR: "directory", stat_bits.S_IFLNK: "symlink"}


class Looking:
    """A guest whose file systems are mounted in a session, to look at."""

    def __init__(self, session: Session) -> None:
        self._session = Remembering(session)
        self._links = LinkResolver(self._readlink_or_none)
        self._bulk = session.runtime / "bulk"

    def _call(self, verb: str, path: str, *args: Any, **kwargs: Any) -> Any:
        """Call a verb on behalf of a guest path, and translate a refusal."""
        try:
            return self._session.call(verb, *args, **kwargs)
        except VerbRefused as refused:
            raise translate(refused, path) from refused

    def _raw_lstat(self, path: str) -> Stat | None:
        """Return the lstat of a path whose parents hold no links, or None."""
        try:
            found = self._call("lstatns", path, path)
        except (NoSuchFile, WrongKind):
            return None
        mode = found["st_mode"]
        kind = _KINDS.get(stat_bits.S_IFMT(mode), "other")
        return Stat(kind, stat_bits.S_IMODE(mode), found["st_uid"], found["st_gid"], found["st_size"])

    def _readlink_or_none(self, path: str) -> str | None:
        found = self._raw_lstat(path)
        return self._target(path, path) if found and found.kind == "symlink" else None

    def _target(self, path: str, real: str) -> str:
        """Return the target of the link at a real path; guestfs(3)'s own readlink forks, and takes ten times as long."""
        directory, _, name = real.rpartition("/")
        return str(self._call("readlinklist", path, directory or "/", (name,))[0])

    def _parent(self, path: str) -> str:
        return self._links.parents(path)

    def _existing(self, verb: str, path: str) -> tuple[str, Stat]:
        """Return where a path really is, links followed, and what is there.

        Raises:
            NoSuchFile: nothing is.
        """
        real = self._links.whole(path)
        found = self._raw_lstat(real)
        if found is None:
            raise NoSuchFile(verb, path)
        return real, found

    def _regular(self, verb: str, path: str) -> tuple[str, Stat]:
        real, found = self._existing(verb, path)
        if found.kind != "file":
            raise WrongKind(verb, path, "regular file")
        return real, found

    # Look.
    def exists(self, path: str) -> bool:
        """Tell whether a path exists, links followed."""
        return self._whole_lstat(path) is not None

    def _whole_lstat(self, path: str) -> Stat | None:
        """Return what is at the end of all links, or None if they lead nowhere."""
        try:
            return self._raw_lstat(self._links.whole(path))
        except LinkLoop:
            return None

    def _is(self, path: str, kind: Kind, *, follow: bool) -> bool:
        try:
            found = self._whole_lstat(path) if follow else self._raw_lstat(self._parent(path))
        except LinkLoop:
            return False
        return found is not None and found.kind == kind

    def is_file(self, path: str, *, followsymlinks: bool = False) -> bool:
        """Tell whether a path is a regular file."""
        return self._is(path, "file", follow=followsymlinks)

    def is_dir(self, path: str, *, followsymlinks: bool = False) -> bool:
        """Tell whether a path is a directory."""
        return self._is(path, "directory", follow=followsymlinks)

    def is_symlink(self, path: str) -> bool:
        """Tell whether a path is a symbolic link."""
        return self._is(path, "symlink", follow=False)

    def lstat(self, path: str) -> Stat:
        """Return what the path itself is."""
        found = self._raw_lstat(self._parent(path))
        if found is None:
            raise NoSuchFile("lstat", path)
        return found

    def readlink(self, path: str) -> str:
        """Return the target of a symbolic link as it is written."""
        real = self._parent(path)
        if self.lstat(path).kind != "symlink":
            raise WrongKind("readlink", path, "symbolic link")
        return self._target(path, real)

    def realpath(self, path: str) -> str:
        """Return the path with every link resolved inside the guest."""
        return self._existing("realpath", path)[0]

    def read_file(self, path: str) -> bytes:
        """Return a regular file's whole content."""
        real, found = self._regular("read_file", path)
        if found.size > _LARGEST_READ:
            raise WrongKind("read_file", path, f"file of at most {_LARGEST_READ >> 20} MiB")
        if found.size > BY_MESSAGE:
            self._call("download", path, real, str(self._bulk))
            return self._take_bulk()
        # guestfs(3)'s own read_file goes by a host file as well, and takes a hundred times as long.
        content = b""
        while len(content) < found.size and (piece := self._call("pread", path, real, found.size, len(content))):
            content += piece
        return content

    def _take_bulk(self) -> bytes:
        """Return what a verb left in the bulk file, and remove the file."""
        try:
            return self._bulk.read_bytes()
        finally:
            self._bulk.unlink()

    def pread(self, path: str, count: int, offset: int) -> bytes:
        """Return up to ``count`` bytes from ``offset``."""
        real, _ = self._regular("pread", path)
        return bytes(self._call("pread", path, real, count, offset))

    def ls(self, directory: str) -> tuple[str, ...]:
        """Return the sorted names in a directory."""
        real, found = self._existing("ls", directory)
        if found.kind != "directory":
            raise WrongKind("ls", directory, "directory")
        self._call("ls0", directory, real, str(self._bulk))
        return tuple(sorted(self._names()))

    def find(self, directory: str) -> tuple[str, ...]:
        """Return the sorted absolute paths of all that is below a directory."""
        real, found = self._existing("find", directory)
        if found.kind != "directory":
            raise WrongKind("find", directory, "directory")
        self._call("find0", directory, real, str(self._bulk), deadline=900)
        prefix = normal(directory).rstrip("/")
        return tuple(sorted(f"{prefix}/{name.lstrip('/')}" for name in self._names()))

    def _names(self) -> list[str]:
        """Return the NUL-separated names of the bulk file; the binding itself fails on names that are not UTF-8."""
        return [name.decode(errors="surrogateescape") for name in self._take_bulk().split(b"\0") if name]

    def glob_expand(self, pattern: str) -> tuple[str, ...]:
        """Return the sorted absolute paths that match a shell pattern."""
        return tuple(sorted(self._call("glob_expand", pattern, validate(pattern), directoryslash=False)))

    def sha256(self, path: str) -> str:
        """Return the digest of a regular file's content."""
        real, _ = self._regular("sha256", path)
        return str(self._call("checksum", path, "sha256", real, deadline=900))

    def lgetxattr(self, path: str, name: str) -> bytes | None:
        """Return one extended attribute of the path itself, or None."""
        real = self._parent(path)
        self.lstat(path)
        try:
            return bytes(self._call("lgetxattr", path, real, name))
        except GuestError:
            return None
