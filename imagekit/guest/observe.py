"""Where a path really is, and what is there now: few guest calls, since each costs 1 to 10 ms on the real thing."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from imagekit.guest import paths
from imagekit.guest.changes import FileState
from imagekit.guest.errors import NoSuchFile, WrongKind

if TYPE_CHECKING:
    from imagekit.guest.protocol import Guest, Stat

_READ_AT_MOST = 1 << 20
_TEXT_AT_MOST = 64 << 10


@dataclass(frozen=True, slots=True)
class Spot:
    """A path under its one name, links in its parents resolved, and what lstat said of it; None is nothing."""

    path: str
    stat: Stat | None

    @property
    def is_file(self) -> bool:
        """Whether a regular file is there, itself and not a link to one."""
        return self.stat is not None and self.stat.kind == "file"

    @property
    def is_directory(self) -> bool:
        """Whether a directory is there, itself and not a link to one."""
        return self.stat is not None and self.stat.kind == "directory"


@dataclass(frozen=True, slots=True)
class Content:
    """What is known of a file's bytes; ``text`` only if they are small and UTF-8."""

    size: int
    sha256: str
    text: str | None

    @classmethod
    def of(cls, data: bytes) -> Content:
        """Return what there is to know of these bytes."""
        return cls(len(data), hashlib.sha256(data).hexdigest(), small_text(data))


@dataclass(frozen=True, slots=True)
class Sight:
    """The state of something that is there, with its text if it has a small one."""

    state: FileState
    text: str | None = None


def small_text(data: bytes) -> str | None:
    """Return bytes as text if they are at most 64 KiB of UTF-8 without NUL, else None."""
    if len(data) > _TEXT_AT_MOST or b"\0" in data:
        return None
    try:
        return data.decode()
    except UnicodeDecodeError:
        return None


class Observer:
    """Looks at one guest; remembers where directories really are until ``forget``."""

    def __init__(self, guest: Guest) -> None:
        self._guest = guest
        self._real: dict[str, str] = {}

    def forget(self) -> None:
        """Forget where directories are: a link or a directory may have become another one."""
        self._real.clear()

    def locate(self, path: str, *, follow: bool = True) -> Spot:
        """Return where a path really is, a final link followed if asked, and what is there.

        Raises:
            BadGuestPath: it is no guest path.
            GuestError: it goes through a loop of links.
        """
        where = paths.normal(path)
        if ".." in paths.parts(where):
            where = paths.resolve(where, self._target, follow_last=False)
        if where == "/":
            return self.look("/")
        spot = self.look(paths.join(self._directory(paths.parent(where)), paths.name(where)))
        if follow and spot.stat and spot.stat.kind == "symlink":
            return self.look(paths.resolve(spot.path, self._target, follow_last=True))
        return spot

    def look(self, path: str) -> Spot:
        """Return what is at a path whose parents hold no links."""
        try:
            return Spot(path, self._guest.lstat(path))
        except (NoSuchFile, WrongKind):
            return Spot(path, None)

    def content(self, spot: Spot) -> Content:
        """Return the content of the regular file at a spot; what is large is digested inside the appliance."""
        size = spot.stat.size if spot.stat else 0
        if size <= _READ_AT_MOST:
            return Content.of(self._guest.read_file(spot.path))
        return Content(size, self._guest.sha256(spot.path), None)

    def see(self, spot: Spot, *, known: Content | None = None, digest: bool = True) -> Sight | None:
        """Return the state of what is at a spot.

        Args:
            spot: as ``locate`` or ``look`` returned it.
            known: what the file's content is, where that need not be asked.
            digest: whether the content is to be read at all.
        """
        stat = spot.stat
        if stat is None:
            return None
        state = FileState(kind=stat.kind, mode=stat.mode, uid=stat.uid, gid=stat.gid)
        if stat.kind == "symlink":
            return Sight(state.model_copy(update={"target": self._guest.readlink(spot.path)}))
        if stat.kind != "file":
            return Sight(state)
        if not digest:
            return Sight(state.model_copy(update={"size": stat.size}))
        content = known or self.content(spot)
        return Sight(state.model_copy(update={"size": content.size, "sha256": content.sha256}), content.text)

    def _directory(self, directory: str) -> str:
        if directory == "/":
            return "/"
        if directory not in self._real:
            try:
                self._real[directory] = self._guest.realpath(directory)
            except (NoSuchFile, WrongKind):
                return paths.resolve(directory, self._target, follow_last=True)
        return self._real[directory]

    def _target(self, path: str) -> str | None:
        stat = self.look(path).stat
        return self._guest.readlink(path) if stat and stat.kind == "symlink" else None
