"""A guest that is a dict of nodes: no appliance, no process, a millisecond. For tests of anything that takes a Guest."""
# ruff: noqa: D102  what each verb does stands once, in the Guest protocol

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NamedTuple

from imagekit.guest import paths
from imagekit.guest.errors import GuestError, NoSuchFile, VerbFailed, WrongKind
from imagekit.guest.facts import Facts, read_facts
from imagekit.guest.patterns import brace_expand, is_pattern, name_matches
from imagekit.guest.protocol import CommandResult, Stat
from imagekit.testing import archive, transfer
from imagekit.testing.tree import Dir, Entry, File, Link, Node, Special, Tree, as_bytes, node_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

__all__ = ["Dir", "File", "Link", "MemoryGuest", "Ran", "Special"]

_MOST_READ = 64 << 20

Answer = CommandResult | int | None


class Ran(NamedTuple):
    """A command as it was asked for."""

    argv: tuple[str, ...]
    env: dict[str, str]
    network: bool


class _Failure(NamedTuple):
    verb: str
    path: str | None
    error: GuestError


class MemoryGuest:
    r"""A complete Guest in memory.

    ``MemoryGuest({"/etc/hostname": "a\n", "/etc/shadow": File("…", mode=0o640, gid=42), "/bin": Link("usr/bin")})``
    makes the parents that are not named. Commands answer 127 unless a handler given to ``answer`` knows better.

    Args:
        files: what there is, by absolute path.
        facts: what ``facts`` returns; None to have it read from the files when it is first asked for.

    Attributes:
        commands: every command that was run, oldest first.
    """

    def __init__(self, files: Mapping[str, Entry] | None = None, facts: Facts | None = None) -> None:
        self.commands: list[Ran] = []
        self.tree = Tree()
        self._facts = facts
        self._handlers: list[Callable[[tuple[str, ...], Mapping[str, str]], Answer]] = []
        self._failures: list[_Failure] = []
        for path, entry in (files or {}).items():
            self.add(path, entry)

    # What only tests do.
    def add(self, path: str, entry: Entry) -> None:
        """Put a file, directory or link at a path, in place of what is there; missing parents are made."""
        where = paths.resolve(path, self.tree.target, follow_last=False)
        if where != "/" and self.tree.get(paths.parent(where)) is None:
            self.add(paths.parent(where), Dir())
        node, there = node_of(entry), self.tree.get(where)
        if there and node.kind == there.kind == "directory":
            node.children = there.children
        self.tree.put(where, node)

    def answer(self, handler: Callable[[tuple[str, ...], Mapping[str, str]], Answer]) -> None:
        """Ask a handler, before those given earlier, what a command does: a result, a bare status, or None to pass."""
        self._handlers.insert(0, handler)

    def fail(self, verb: str, *, error: GuestError, path: str | None = None) -> None:
        """Have every later call of a verb raise an error, for one path as it is given to the verb or for all."""
        self._failures.append(_Failure(verb, None if path is None else paths.normal(path), error))

    # Look.
    @property
    def facts(self) -> Facts:
        if self._facts is None:
            self._facts = read_facts(self)
        return self._facts

    def exists(self, path: str) -> bool:
        return self._seen("exists", path, follow=True) is not None

    def is_file(self, path: str, *, followsymlinks: bool = False) -> bool:
        node = self._seen("is_file", path, follow=followsymlinks)
        return node is not None and node.kind == "file"

    def is_dir(self, path: str, *, followsymlinks: bool = False) -> bool:
        node = self._seen("is_dir", path, follow=followsymlinks)
        return node is not None and node.kind == "directory"

    def is_symlink(self, path: str) -> bool:
        node = self._seen("is_symlink", path, follow=False)
        return node is not None and node.kind == "symlink"

    def lstat(self, path: str) -> Stat:
        node = self._node("lstat", path, follow=False)
        size = len(node.target.encode()) if node.kind == "symlink" else len(node.content)
        return Stat(node.kind, node.mode, node.uid, node.gid, size)

    def readlink(self, path: str) -> str:
        node = self._node("readlink", path, follow=False)
        if node.kind != "symlink":
            raise WrongKind("readlink", path, "symbolic link")
        return node.target

    def realpath(self, path: str) -> str:
        self._node("realpath", path)
        return self._real(path, follow=True)

    def read_file(self, path: str) -> bytes:
        content = self._file("read_file", path).content
        if len(content) > _MOST_READ:
            raise VerbFailed("read_file", path, f"larger than {_MOST_READ >> 20} MiB")
        return content

    def pread(self, path: str, count: int, offset: int) -> bytes:
        return self._file("pread", path).content[offset : offset + count]

    def ls(self, directory: str) -> tuple[str, ...]:
        return tuple(sorted(self._directory("ls", directory).children))

    def glob_expand(self, pattern: str) -> tuple[str, ...]:
        self._begin("glob_expand", pattern)
        found: set[str] = set()
        for one in brace_expand(paths.validate(pattern)):
            found.update(self._matches("/", paths.parts(one)))
        return tuple(sorted(found))

    def find(self, directory: str) -> tuple[str, ...]:
        self._directory("find", directory)
        real, shown = self._real(directory, follow=True), paths.normal(directory)
        below = (path.removeprefix(real.rstrip("/")) for path, _ in self.tree.walk(real))
        return tuple(sorted(shown.rstrip("/") + path for path in below))

    def sha256(self, path: str) -> str:
        return hashlib.sha256(self._file("sha256", path).content).hexdigest()

    def lgetxattr(self, path: str, name: str) -> bytes | None:
        return self._node("lgetxattr", path, follow=False).xattrs.get(name)

    # Change.
    def write(self, path: str, content: bytes | str) -> None:
        self._writable("write", path).content = as_bytes(content)

    def write_append(self, path: str, content: bytes | str) -> None:
        self._writable("write_append", path).content += as_bytes(content)

    def upload(self, filename: Path, path: str) -> None:
        content = filename.read_bytes()
        self._writable("upload", path).content = content

    def tar_in(self, tarfile: Path, directory: str) -> None:
        self._directory("tar_in", directory)
        archive.unpack(self.tree, tarfile, self._real(directory, follow=True))

    def mkdir_p(self, path: str) -> None:
        self._begin("mkdir_p", path)
        here = "/"
        for part in paths.parts(paths.normal(path)):
            here = paths.join(here, part)
            real = self._real(here, follow=True)
            node = self.tree.get(real)
            if node is None and self.tree.target(self._real(here, follow=False)) is None:
                self.tree.put(real, node_of(Dir()))
            elif node is None or node.kind != "directory":
                raise WrongKind("mkdir_p", here, "directory")

    def rm_f(self, path: str) -> None:
        self._begin("rm_f", path)
        real = self._real(path, follow=False)
        node = self.tree.get(real)
        if node and node.kind == "directory":
            raise WrongKind("rm_f", path, "file or link")
        self.tree.drop(real)

    def rm_rf(self, path: str) -> None:
        self._begin("rm_rf", path)
        real = self._real(path, follow=False)
        if real == "/":
            raise VerbFailed("rm_rf", path, "the root of the guest is not removed")
        self.tree.drop(real)

    def erase(self, *paths: str) -> None:
        for path in paths:
            self._begin("erase", path)
            node = self.tree.get(self._real(path, follow=True))
            if node is not None and node.kind != "file":
                raise WrongKind("erase", path, "file")
        for path in paths:
            real = self._real(path, follow=True)
            node = self.tree.get(real)
            if node is not None:
                node.content = bytes(len(node.content))
                self.tree.drop(real)

    def mv(self, src: str, dest: str) -> None:
        self._node("mv", src, follow=False)
        transfer.move(self.tree, self._real(src, follow=False), self._destination("mv", src, dest))

    def cp_a(self, src: str, dest: str) -> None:
        self._node("cp_a", src, follow=False)
        transfer.copy(self.tree, self._real(src, follow=False), self._destination("cp_a", src, dest))

    def ln_sf(self, target: str, linkname: str) -> None:
        self._begin("ln_sf", linkname)
        real = self._place("ln_sf", linkname, follow=False)
        node = self.tree.get(real)
        if node and node.kind == "directory":
            raise WrongKind("ln_sf", linkname, "file or link")
        self.tree.put(real, node_of(Link(target)))

    def chmod(self, mode: int, path: str) -> None:
        if not 0 <= mode <= 0o7777:
            raise VerbFailed("chmod", path, f"{mode:o} is not a mode")
        self._node("chmod", path).mode = mode

    def chown(self, owner: int, group: int, path: str) -> None:
        node = self._node("chown", path)
        node.uid, node.gid = owner, group
        if node.kind != "directory":
            # Linux drops these on any chown(2) of a file, root's too; set-group-ID only if the group may execute.
            node.mode &= ~0o4000
            node.mode &= ~0o2000 if node.mode & 0o010 else ~0

    def touch(self, path: str) -> None:
        if self._seen("touch", path, follow=True) is None:
            self._writable("touch", path)

    def truncate(self, *paths: str) -> None:
        for file in [self._file("truncate", path) for path in paths]:
            file.content = b""

    def setxattr(self, path: str, name: str, value: bytes) -> None:
        self._node("setxattr", path).xattrs[name] = value

    def command(
        self,
        argv: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        network: bool = False,
        timeout: float | None = None,  # noqa: ARG002  a handler takes no time
    ) -> CommandResult:
        words = tuple(argv)
        if not words:
            raise VerbFailed("command", "", "no program is named")
        self._begin("command", words[0])
        self.commands.append(Ran(words, dict(env or {}), network))
        for handler in self._handlers:
            result = handler(words, dict(env or {}))
            if result is not None:
                return CommandResult(result, b"") if isinstance(result, int) else result
        return CommandResult(127, f"{words[0]}: not found\n".encode())

    # How paths become nodes.
    def _begin(self, verb: str, path: str) -> None:
        for failure in self._failures:
            if failure.verb == verb and (failure.path is None or failure.path == path or failure.path == _form(path)):
                raise failure.error

    def _real(self, path: str, *, follow: bool) -> str:
        return paths.resolve(path, self.tree.target, follow_last=follow)

    def _seen(self, verb: str, path: str, *, follow: bool) -> Node | None:
        self._begin(verb, path)
        try:
            return self.tree.get(self._real(path, follow=follow))
        except paths.LinkLoop:
            return None

    def _node(self, verb: str, path: str, *, follow: bool = True) -> Node:
        self._begin(verb, path)
        node = self.tree.get(self._real(path, follow=follow))
        if node is None:
            raise NoSuchFile(verb, path)
        return node

    def _file(self, verb: str, path: str) -> Node:
        node = self._node(verb, path)
        if node.kind != "file":
            raise WrongKind(verb, path, "file")
        return node

    def _directory(self, verb: str, path: str) -> Node:
        node = self._node(verb, path)
        if node.kind != "directory":
            raise WrongKind(verb, path, "directory")
        return node

    def _place(self, verb: str, path: str, *, follow: bool) -> str:
        """Return where something may be made: links resolved, and the parent is a directory."""
        real = self._real(path, follow=follow)
        holder = self.tree.get(paths.parent(real))
        if holder is None:
            raise NoSuchFile(verb, path)
        if holder.kind != "directory":
            raise WrongKind(verb, paths.parent(real), "directory")
        return real

    def _writable(self, verb: str, path: str) -> Node:
        self._begin(verb, path)
        real = self._place(verb, path, follow=True)
        if self.tree.get(real) is None:
            self.tree.put(real, node_of(File()))
        return self._file(verb, path)

    def _destination(self, verb: str, src: str, dest: str) -> str:
        """Return the path that mv or cp writes: below ``dest`` if that is a directory, else ``dest`` itself."""
        there = self._seen(verb, dest, follow=True)
        if there and there.kind == "directory":
            return paths.join(self._real(dest, follow=True), paths.name(self._real(src, follow=False)))
        return self._place(verb, dest, follow=False)

    def _matches(self, directory: str, pattern: list[str]) -> list[str]:
        if not pattern:
            return [directory]
        node = self._seen("glob_expand", directory, follow=True)
        there = node.children if node else {}
        if not is_pattern(pattern[0]) and "\\" not in pattern[0]:
            names = [pattern[0]] if pattern[0] in there else []
        else:
            names = [name for name in there if name_matches(pattern[0], name)]
        return [path for name in names for path in self._matches(paths.join(directory, name), pattern[1:])]


def _form(path: str) -> str:
    return paths.normal(path) if path.startswith("/") else path
