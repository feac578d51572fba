"""The real guest: the protocol's verbs over a session, with every trap of the binding handled here."""

from __future__ import annotations

import stat as stat_bits
from typing import TYPE_CHECKING, Any

from imagekit.appliance.channel import VerbRefused
from imagekit.appliance.links import LinkResolver
from imagekit.appliance.program import run_program
from imagekit.appliance.refusal import translate
from imagekit.guest.errors import GuestError, NoSuchFile, WrongKind
from imagekit.guest.facts import Facts, read_facts
from imagekit.guest.protocol import CommandResult, Stat

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from imagekit.appliance.session import Session
    from imagekit.guest.protocol import Kind

_BY_MESSAGE = 1 << 20
"""Above this many bytes content goes by file: the protocol's messages end at about 4 MB."""
_LARGEST_READ = 64 << 20
_KINDS: dict[int, Kind] = {stat_bits.S_IFREG: "file", stat_bits.S_IFDIR: "directory", stat_bits.S_IFLNK: "symlink"}


def _bytes(content: bytes | str) -> bytes:
    return content.encode() if isinstance(content, str) else content


class ApplianceGuest:
    """A guest whose file systems are mounted in a session."""

    def __init__(self, session: Session, facts: Facts | None = None) -> None:
        self._session = session
        self._facts = facts
        self._links = LinkResolver(self._readlink_or_none)
        self._bulk = session.runtime / "bulk"

    @property
    def facts(self) -> Facts:
        """What inspection learnt of the guest; read once, on first use."""
        if self._facts is None:
            self._facts = read_facts(self)
        return self._facts

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
        return str(self._call("readlink", path, path)) if found and found.kind == "symlink" else None

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
        try:
            return self._raw_lstat(self._links.whole(path)) is not None
        except GuestError:
            return False

    def _is(self, path: str, kind: Kind, *, follow: bool) -> bool:
        try:
            found = self._raw_lstat(self._links.whole(path) if follow else self._parent(path))
        except GuestError:
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
        return str(self._call("readlink", path, real))

    def realpath(self, path: str) -> str:
        """Return the path with every link resolved inside the guest."""
        return self._existing("realpath", path)[0]

    def read_file(self, path: str) -> bytes:
        """Return a regular file's whole content."""
        real, found = self._regular("read_file", path)
        if found.size > _LARGEST_READ:
            raise WrongKind("read_file", path, f"file of at most {_LARGEST_READ >> 20} MiB")
        if found.size <= _BY_MESSAGE:
            return bytes(self._call("read_file", path, real))
        self._call("download", path, real, str(self._bulk))
        return self._take_bulk()

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
        prefix = directory.rstrip("/")
        return tuple(sorted(f"{prefix}/{name}" for name in self._names()))

    def _names(self) -> list[str]:
        """Return the NUL-separated names of the bulk file; the binding itself fails on names that are not UTF-8."""
        return [name.decode(errors="surrogateescape") for name in self._take_bulk().split(b"\0") if name]

    def glob_expand(self, pattern: str) -> tuple[str, ...]:
        """Return the sorted absolute paths that match a shell pattern."""
        return tuple(sorted(self._call("glob_expand", pattern, pattern, directoryslash=False)))

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

    # Change.
    def _writable(self, verb: str, path: str) -> str:
        """Return where writing to a path really goes: through a final link, to a file or to nothing yet.

        Raises:
            NoSuchFile: its directory is not there.
            WrongKind: something else than a file is there.
        """
        real = self._links.whole(path)
        found = self._raw_lstat(real)
        if found is None:
            directory = self._raw_lstat(real.rpartition("/")[0] or "/")
            if directory is None:
                raise NoSuchFile(verb, path)
            if directory.kind != "directory":
                raise WrongKind(verb, path, "file in a directory")
        elif found.kind != "file":
            raise WrongKind(verb, path, "regular file")
        return real

    def write(self, path: str, content: bytes | str) -> None:
        """Replace a file's content."""
        data = _bytes(content)
        real = self._writable("write", path)
        if len(data) <= _BY_MESSAGE:
            self._call("write", path, real, data)
        else:
            self._send_bulk(path, data, real)

    def _send_bulk(self, path: str, data: bytes, real: str) -> None:
        self._bulk.touch(mode=0o600)
        try:
            self._bulk.write_bytes(data)
            self._call("upload", path, str(self._bulk), real)
        finally:
            self._bulk.unlink()

    def write_append(self, path: str, content: bytes | str) -> None:
        """Add to the end of a file."""
        data = _bytes(content)
        real = self._writable("write_append", path)
        for start in range(0, len(data) or 1, _BY_MESSAGE):
            self._call("write_append", path, real, data[start : start + _BY_MESSAGE])

    def upload(self, filename: Path, path: str) -> None:
        """Replace a file's content with that of a host file."""
        self._call("upload", path, str(filename), self._writable("upload", path), deadline=3600)

    def tar_in(self, tarfile: Path, directory: str) -> None:
        """Unpack an uncompressed host tar below an existing guest directory."""
        real, found = self._existing("tar_in", directory)
        if found.kind != "directory":
            raise WrongKind("tar_in", directory, "directory")
        self._links.forget()
        self._call("tar_in", directory, str(tarfile), real, deadline=3600, xattrs=True)

    def mkdir_p(self, path: str) -> None:
        """Make a directory and its parents."""
        real = self._links.whole(path)
        self._links.forget()
        self._call("mkdir_p", path, real)

    def rm_f(self, path: str) -> None:
        """Remove a file or a link."""
        real = self._parent(path)
        found = self._raw_lstat(real)
        if found is None:
            return
        if found.kind == "directory":
            raise WrongKind("rm_f", path, "file")
        self._links.forget()
        self._call("rm_f", path, real)

    def rm_rf(self, path: str) -> None:
        """Remove a file, a link or a whole directory, and see that it is gone."""
        real = self._parent(path)
        if self._raw_lstat(real) is None:
            return
        self._links.forget()
        self._call("rm_rf", path, real, deadline=900)
        if self._raw_lstat(real) is not None:
            raise WrongKind("rm_rf", path, "path that can be removed")

    def erase(self, path: str) -> None:
        """Overwrite a regular file's bytes in place with zeros, then remove it."""
        real = self._parent(path)
        found = self._raw_lstat(real)
        if found is None:
            return
        if found.kind == "file":
            for offset in range(0, found.size, _BY_MESSAGE):
                self._call("pwrite", path, real, bytes(min(_BY_MESSAGE, found.size - offset)), offset)
            # Unlinked at once, the file system may never write the zeros to the old blocks.
            self._call("sync", path)
        self.rm_f(path)

    def _into(self, src: str, dest: str) -> str:
        """Return where mv or cp puts ``src``: ``dest``, or below it if it is a directory, links followed."""
        real = self._parent(dest)
        try:
            whole = self._links.whole(dest)
            found = self._raw_lstat(whole)
        except GuestError:
            return real
        if found is None or found.kind != "directory":
            return real
        return f"{whole.rstrip('/')}/{src.rstrip('/').rpartition('/')[2]}"

    def mv(self, src: str, dest: str) -> None:
        """Rename, across file systems too."""
        self.lstat(src)
        source, target = self._parent(src), self._into(src, dest)
        self._links.forget()
        try:
            self._call("rename", src, source, target)
        except GuestError as refused:
            if "cross-device" not in str(refused):
                raise
            self._call("mv", src, source, target, deadline=900)

    def cp_a(self, src: str, dest: str) -> None:
        """Copy a file or a tree with mode, owner and links kept."""
        self.lstat(src)
        source, target = self._parent(src), self._into(src, dest)
        found = self._raw_lstat(target)
        if found is not None and found.kind != "directory":
            self._call("rm_f", dest, target)
        self._links.forget()
        self._call("cp_a", src, source, target, deadline=900)

    def ln_sf(self, target: str, linkname: str) -> None:
        """Make a symbolic link, replacing a file or link of that name."""
        real = self._parent(linkname)
        self.rm_f(linkname)
        self._links.forget()
        self._call("ln_s", linkname, target, real)

    def chmod(self, mode: int, path: str) -> None:
        """Set the permission bits."""
        self._call("chmod", path, mode, self._existing("chmod", path)[0])

    def chown(self, owner: int, group: int, path: str) -> None:
        """Set the numeric owner and group."""
        self._call("chown", path, owner, group, self._existing("chown", path)[0])

    def touch(self, path: str) -> None:
        """Make an empty file if nothing is there."""
        if not self.exists(path):
            self.write(path, b"")

    def truncate(self, path: str) -> None:
        """Make an existing file empty."""
        self._call("truncate", path, self._regular("truncate", path)[0])

    def setxattr(self, path: str, name: str, value: bytes) -> None:
        """Set one extended attribute."""
        real = self._existing("setxattr", path)[0]
        self._call("lsetxattr", path, name, value, len(value), real)

    def command(
        self,
        argv: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        network: bool = False,
        timeout: float | None = None,
    ) -> CommandResult:
        """Run a guest program; see ``appliance.program``."""
        self._links.forget()
        resolver = self._links.whole("/etc/resolv.conf")
        return run_program(self._session, argv, env=env or {}, network=network, timeout=timeout, resolver=resolver)
