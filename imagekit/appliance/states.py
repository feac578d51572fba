"""The saved appliances of one user: folders with the memory of a machine and its root, by the key of what made it."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import secrets
import shutil
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from imagekit.appliance.accel import cache_folder
from imagekit.appliance.shim import MANIFEST, ROOT, STATE, Unfit, check, identity, is_private
from imagekit.errors import HostError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_MOST = 6
"""How many states are kept; each is the memory that an appliance used, about 160 MB."""
_LONGEST_UNUSED = 30 * 86400.0
_NEW = ".new-"


class RecordingBusy(HostError):
    """Another process makes a warm appliance, for longer than one would wait."""

    code = "IK-HOST-013"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        super().__init__(f"another process is still making a warm appliance in {folder}")


@dataclass(frozen=True, slots=True)
class State:
    """One saved appliance.

    Attributes:
        key: what it is good for.
        size: bytes on the disk.
        made: and last used, in seconds since 1970.
        title: its accelerator, memory, processors and disks in words.
        broken: why it cannot be used, or "".
    """

    key: str
    size: int
    made: float
    used: float
    title: str
    broken: str


def states_folder() -> Path:
    """Return where this user's saved appliances are."""
    return cache_folder() / "warm"


class States:
    """The saved appliances in a folder that is this user's alone."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __getitem__(self, key: str) -> Path:
        return self.folder / key

    def __contains__(self, key: str) -> bool:
        return self[key].exists()

    @contextlib.contextmanager
    def writing(self, seconds: float) -> Iterator[None]:
        """Be the only one who makes states; what a dead process left half made is swept.

        Raises:
            RecordingBusy: another process still does after so many seconds.
            OSError: the folder cannot be made or written to.
        """
        self._make_private()
        try:
            with FileLock(self.folder / "lock", timeout=seconds, mode=0o600):
                for left in self.folder.glob(f"{_NEW}*"):
                    _remove(left)
                yield
        except Timeout as busy:
            raise RecordingBusy(self.folder) from busy

    def _make_private(self) -> None:
        """Make the folder; what is in one that others may enter would never be taken."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not self.folder.is_symlink():
            self.folder.chmod(0o700)
        if not is_private(str(self.folder)):
            raise PermissionError(errno.EPERM, f"{self.folder} is not a private folder of this user")

    @contextlib.contextmanager
    def fresh(self) -> Iterator[Path]:
        """Make a private folder for a state; it is gone afterwards unless it was published."""
        folder = self.folder / f"{_NEW}{secrets.token_hex(6)}"
        folder.mkdir(mode=0o700)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def publish(self, folder: Path, key: str, title: str) -> None:
        """Give a state that is complete its name; what was there under that name is gone."""
        files = {name: identity(str(folder / name)) for name in (STATE, ROOT)}
        manifest = {"title": title, "made": time.time(), "files": files}
        (folder / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
        self.drop(key)
        folder.rename(self[key])

    def drop(self, key: str) -> None:
        """Remove a state. Machines that were resumed from it go on: they hold its files open."""
        gone = self.folder / f"{_NEW}{secrets.token_hex(6)}"
        with contextlib.suppress(FileNotFoundError):
            self[key].rename(gone)
            _remove(gone)

    def keys(self) -> tuple[str, ...]:
        """Return the names of what is there, whole or not."""
        try:
            return tuple(p.name for p in self.folder.iterdir() if p.is_dir() and not p.name.startswith(_NEW))
        except OSError:
            return ()

    def listed(self) -> tuple[State, ...]:
        """Return what is there, the last used first; what another process removes meanwhile is left out."""
        found = [state for key in self.keys() if (state := self._described(key)) is not None]
        return tuple(sorted(found, key=lambda state: -state.used))

    def _described(self, key: str) -> State | None:
        path = self[key]
        size, used = 0, 0.0
        try:
            used = path.lstat().st_mtime
            size = sum(file.lstat().st_blocks * 512 for file in path.iterdir())
            check(str(path))
            manifest = json.loads((path / MANIFEST).read_text(encoding="utf-8"))
            return State(key, size, float(manifest["made"]), used, str(manifest["title"]), "")
        except Unfit as unfit:
            broken = str(unfit)
        except (OSError, ValueError, KeyError, TypeError):
            broken = "it cannot be read"
        return State(key, size, 0.0, used, "", broken) if os.path.lexists(path) else None

    def prune(self, *, most: int = _MOST, longest: float = _LONGEST_UNUSED) -> tuple[State, ...]:
        """Remove what is broken, was not used for so many seconds, or is too much; return what was removed."""
        oldest = time.time() - longest
        listed = self.listed()
        going = tuple(s for number, s in enumerate(listed) if s.broken or s.used < oldest or number >= most)
        for state in going:
            self.drop(state.key)
        return going


def _remove(path: Path) -> None:
    """Remove a folder, or what else took its place, as far as this user may."""
    with contextlib.suppress(OSError):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink()
