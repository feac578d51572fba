"""The real guest: the protocol's verbs over a session, with every trap of the binding handled here."""

from __future__ import annotations

import base64
import shlex
from typing import TYPE_CHECKING

from imagekit.appliance.channel import VerbRefused
from imagekit.appliance.errors import NetworkForbidden
from imagekit.appliance.look import BY_MESSAGE, Looking
from imagekit.appliance.program import run_program
from imagekit.appliance.refusal import translate
from imagekit.guest.errors import GuestDiskFull, NoSuchFile, VerbFailed, WrongKind
from imagekit.guest.facts import read_facts
from imagekit.guest.paths import is_below, normal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from imagekit.appliance.session import Session
    from imagekit.guest.facts import Facts
    from imagekit.guest.protocol import CommandResult, Stat


def _bytes(content: bytes | str) -> bytes:
    return content.encode() if isinstance(content, str) else content


class ApplianceGuest(Looking):
    """A guest whose file systems are mounted in a session."""

    def __init__(self, session: Session, *, proxy: str | None = None) -> None:
        super().__init__(session)
        self._proxy = {"http_proxy": proxy, "https_proxy": proxy} if proxy else {}
        self._facts: Facts | None = None

    @property
    def facts(self) -> Facts:
        """What inspection learnt of the guest; read once, on first use."""
        if self._facts is None:
            self._facts = read_facts(self)
        return self._facts

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
        if len(data) <= BY_MESSAGE:
            self._call("write", path, real, data)
        else:
            self._send_bulk(path, data, real)

    def _send_bulk(self, path: str, data: bytes, real: str) -> None:
        self._bulk.touch(mode=0o600)
        try:
            self._bulk.write_bytes(data)
            self._upload(path, self._bulk, real)
        finally:
            self._bulk.unlink()

    def _upload(self, path: str, source: Path, real: str) -> None:
        """Send a host file; the daemon says "write error" and no more (daemon/upload.c), so a full disk is looked for."""
        try:
            self._call("upload", path, str(source), real, deadline=3600)
        except VerbFailed as refused:
            room = self._session.call("statvfs", real.rpartition("/")[0] or "/")
            if "write error" in refused.reason and room["bfree"] * room["frsize"] < source.stat().st_size:
                raise GuestDiskFull("upload", path) from refused
            raise

    def write_append(self, path: str, content: bytes | str) -> None:
        """Add to the end of a file."""
        data = _bytes(content)
        real = self._writable("write_append", path)
        for start in range(0, len(data) or 1, BY_MESSAGE):
            self._call("write_append", path, real, data[start : start + BY_MESSAGE])

    def upload(self, filename: Path, path: str) -> None:
        """Replace a file's content with that of a host file."""
        self._upload(path, filename, self._writable("upload", path))

    def tar_in(self, tarfile: Path, directory: str) -> None:
        """Unpack an uncompressed host tar below an existing guest directory."""
        real, found = self._existing("tar_in", directory)
        if found.kind != "directory":
            raise WrongKind("tar_in", directory, "directory")
        if "\n" in real:  # guestfs(3) hands the name to a shell that drops it
            raise VerbFailed("tar_in", directory, "a directory with a line break in its name")
        self._links.forget()
        self._call("tar_in", directory, str(tarfile), real, deadline=3600, xattrs=True)

    def mkdir_p(self, path: str) -> None:
        """Make a directory and its parents; a link among them must lead to a directory."""
        there, missing = normal(path), list[str]()
        while (found := self._whole_lstat(there)) is None:
            if self.is_symlink(there):
                raise WrongKind("mkdir_p", path, "link to a directory")
            there, _, name = there.rpartition("/")
            there = there or "/"
            missing.insert(0, name)
        if found.kind != "directory":
            raise WrongKind("mkdir_p", path, "directory")
        real = self._links.whole(there)
        made = "/".join([real.rstrip("/"), *missing]) or "/"
        self._links.forget(made)
        self._call("mkdir_p", path, made)

    def rm_f(self, path: str) -> None:
        """Remove a file or a link."""
        real = self._parent(path)
        found = self._raw_lstat(real)
        if found is None:
            return
        if found.kind == "directory":
            raise WrongKind("rm_f", path, "file")
        self._links.forget(real)
        self._call("rm_f", path, real)

    def rm_rf(self, path: str) -> None:
        """Remove a file, a link or a whole directory, and see that it is gone."""
        real = self._parent(path)
        if self._raw_lstat(real) is None:
            return
        self._links.forget(real)
        self._call("rm_rf", path, real, deadline=900)
        if self._raw_lstat(real) is not None:
            raise WrongKind("rm_rf", path, "path that can be removed")

    def erase(self, *paths: str) -> None:
        """Overwrite regular files' bytes in place with zeros, then remove them; links to them stay."""
        files: dict[str, tuple[str, int]] = {}
        for path in paths:
            real = self._links.whole(path)
            found = self._raw_lstat(real)
            if found is not None and found.kind != "file":
                raise WrongKind("erase", path, "regular file")
            if found is not None:
                files[real] = (path, found.size)
        self._overwrite(files)
        for real, (path, _) in files.items():
            self._call("rm_f", path, real)

    def _overwrite(self, files: Mapping[str, tuple[str, int]]) -> None:
        """Write zeros over files, given as real path -> the path as it was said, and how many bytes."""
        for real, (path, size) in files.items():
            for offset in range(0, size, BY_MESSAGE):
                self._call("pwrite", path, real, bytes(min(BY_MESSAGE, size - offset)), offset)
        # Unlinked or cut at once, the file system might never write the zeros to the old blocks.
        if any(size for _, size in files.values()):
            self._session.script("sync")  # guestfs(3)'s own flushes every disk as well, and takes twice as long

    def _ends(self, verb: str, src: str, dest: str) -> tuple[str, Stat, str, Stat | None]:
        """Return both ends of a move or a copy, parents resolved: the source, and the path that it will have.

        Raises:
            NoSuchFile: the source, or the directory of the destination, is not there.
            WrongKind: a directory onto something else, into itself, or anything onto itself.
        """
        source = self._parent(src)
        what = self.lstat(src)
        target = self._links.whole(dest) if self._whole_lstat(dest) else self._parent(dest)
        there = self._raw_lstat(target)
        if there is not None and there.kind == "directory":
            target = f"{target.rstrip('/')}/{source.rpartition('/')[2]}"
            there = self._raw_lstat(target)
        elif verb == "mv" or what.kind != "file":
            target = self._parent(dest)
            there = self._raw_lstat(target)
        if self._raw_lstat(target.rpartition("/")[0] or "/") is None:
            raise NoSuchFile(verb, dest)
        both = {what.kind, there.kind if there else what.kind}
        if len(both) > 1 and "directory" in both:
            raise WrongKind(verb, dest, what.kind)
        if target == source or (what.kind == "directory" and is_below(target, source)):
            raise WrongKind(verb, dest, "place outside of what is taken there")
        return source, what, target, there

    def mv(self, src: str, dest: str) -> None:
        """Rename, across file systems too."""
        source, _, target, _ = self._ends("mv", src, dest)
        self._links.forget(source, target)
        try:
            self._call("rename", src, source, target)
        except VerbFailed as refused:
            if "cross-device" not in refused.reason.lower():
                raise
            self._call("mv", src, source, target, deadline=900)

    def cp_a(self, src: str, dest: str) -> None:
        """Copy a file or a tree with mode, owner and links kept."""
        source, what, target, there = self._ends("cp_a", src, dest)
        if there is not None and there.kind != "directory" and what.kind != "file":
            self._call("rm_f", dest, target)
        self._links.forget(target)
        into = target.rpartition("/")[0] or "/" if there is not None and there.kind == "directory" else target
        self._call("cp_a", src, source, into, deadline=900)

    def ln_sf(self, target: str, linkname: str) -> None:
        """Make a symbolic link, replacing a file or link of that name."""
        real = self._parent(linkname)
        self.rm_f(linkname)
        self._links.forget(real)
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

    def truncate(self, *paths: str) -> None:
        """Overwrite existing files' bytes in place with zeros, then make them empty."""
        files: dict[str, tuple[str, int]] = {}
        for path in paths:
            real, found = self._regular("truncate", path)
            files[real] = (path, found.size)
        self._overwrite(files)
        for real, (path, _) in files.items():
            self._call("truncate", path, real)

    def setxattr(self, path: str, name: str, value: bytes) -> None:
        """Set one extended attribute."""
        real = shlex.quote("/sysroot" + self._existing("setxattr", path)[0])
        # The binding's own call takes text only; values such as capabilities are not.
        data = f"-v 0s{base64.b64encode(value).decode()}" if value else ""
        try:
            self._session.script(f"setfattr -h -n {shlex.quote(name)} {data} -- {real}")
        except VerbRefused as refused:
            raise translate(refused, path) from refused

    def command(
        self,
        argv: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        network: bool = False,
        timeout: float | None = None,
    ) -> CommandResult:
        """Run a guest program; see ``appliance.program``."""
        if network and not self._session.network:
            raise NetworkForbidden(argv[0] if argv else "")
        resolver = self._links.whole("/etc/resolv.conf")
        env = {**self._proxy, **(env or {})} if network else env
        try:
            return run_program(self._session, argv, env=env or {}, network=network, timeout=timeout, resolver=resolver)
        finally:
            self._links.forget()
