"""The folders that a run works in: private, beside the output, and gone on every way out, kill -9 included."""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import secrets
import stat
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from imagekit import process
from imagekit.errors import HostError, SpecError
from imagekit.images import janitor
from imagekit.images.lock import LOCK_SUFFIX, hold_exclusive, hold_output, remove_if_stale, try_lock

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator

    from imagekit.images.lock import HeldLock

_JANITOR = Path(janitor.__file__)
_NAME = re.compile(r"\.imagekit-[0-9a-f]{12}")
_OWNER = "owner"
_UNOWNED_SECONDS = 60  # between mkdir and the lock of its owner a folder looks like a dead one's
_LONGEST_RUNTIME = 60  # sun_path of unix(7) has 108 bytes, and names of sockets follow
_JANITOR_SECONDS = 10


class FolderMissing(SpecError):
    """The folder that an output shall go to is not there."""

    code = "IK-WORK-001"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        super().__init__(f"there is no folder {folder} for the output", fix=f"make it first: mkdir -p {folder}")


class UnsafeFolder(HostError):
    """Everyone may rename and remove what is in the folder of the output."""

    code = "IK-WORK-002"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        super().__init__(
            f"everyone may write to {folder}, and it has no sticky bit",
            why="any user of this host could put another file in the place of the output",
            fix=f"chmod o-w {folder}, or chmod +t {folder}",
        )


class FolderUnusable(HostError):
    """The folder of the output cannot be written to."""

    code = "IK-WORK-003"

    def __init__(self, folder: Path, reason: str) -> None:
        self.folder = folder
        self.reason = reason
        super().__init__(f"cannot work in {folder}: {reason}", fix="let this user write there, or take another folder")


@dataclass(frozen=True, slots=True)
class Workspace:
    """Two private folders (0700) of one run, and the janitor that removes them should this process be killed.

    Attributes:
        path: on the file system of the output, for the overlay and what will be renamed: ``.imagekit-<12 hex>``.
        runtime: with a path short enough for sockets, for small files of the appliance; it may be in memory.
    """

    path: Path
    runtime: Path
    _pipe: int

    @classmethod
    @contextlib.contextmanager
    def beside(cls, output: Path, *, wait: float = 0) -> Iterator[Workspace]:
        """Hold the output's name and work beside it; what dead runs left there is swept first.

        Raises:
            FolderMissing, UnsafeFolder, FolderUnusable: of the output's folder.
            ImageLocked: another run makes the same output, still after ``wait`` seconds.
        """
        folder = _usable(output.parent)
        sweep(folder)
        with hold_output(output, wait=wait) as lock, cls._opened(folder, lock) as workspace:
            yield workspace

    @classmethod
    @contextlib.contextmanager
    def scratch(cls, folder: Path | None = None) -> Iterator[Workspace]:
        """Work on what will be thrown away, in a folder that has room for an overlay; None for the temporary one.

        Raises:
            FolderMissing, UnsafeFolder, FolderUnusable: of that folder.
        """
        parent = _usable(folder or Path(tempfile.gettempdir()))
        sweep(parent)
        with cls._opened(parent, None) as workspace:
            yield workspace

    @classmethod
    @contextlib.contextmanager
    def _opened(cls, folder: Path, lock: HeldLock | None) -> Iterator[Workspace]:
        runtime_folder = _runtime_folder()
        sweep(runtime_folder)
        path, runtime = (parent / f".imagekit-{secrets.token_hex(6)}" for parent in (folder, runtime_folder))
        with _janitor((path, runtime), lock) as pipe, _owned(path), _owned(runtime):
            yield cls(path, runtime, pipe)

    def guard(self, pid: int) -> None:
        """Have the process group ``pid`` killed should this process vanish; call it right after the start."""
        self._tell(f"pgid {pid}")

    def unguard(self, pid: int) -> None:
        """Forget a process group that has ended, since its number may be given to another."""
        self._tell(f"gone {pid}")

    def _tell(self, line: str) -> None:
        with contextlib.suppress(BrokenPipeError):  # the janitor was killed; the next run sweeps
            os.write(self._pipe, f"{line}\n".encode())


def sweep(folder: Path) -> tuple[Path, ...]:
    """Remove what dead runs of this user left in a folder, and return those paths. Live runs hold locks."""
    swept = []
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        return ()
    for entry in entries:
        path = Path(entry.path)
        if _NAME.fullmatch(entry.name) and _is_dead(path):
            janitor.remove([str(path)])
            swept.append(path)
        elif entry.name.startswith(".") and entry.name.endswith(LOCK_SUFFIX) and remove_if_stale(path):
            swept.append(path)
    return tuple(swept)


def _is_dead(path: Path) -> bool:
    """Tell whether a working folder of ours has no living owner."""
    try:
        found = path.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
            return False
        descriptor = os.open(path / _OWNER, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        return path.is_dir() and time.time() - found.st_mtime > _UNOWNED_SECONDS
    except OSError:
        return False
    try:
        return try_lock(descriptor, fcntl.F_WRLCK)
    finally:
        os.close(descriptor)


def _usable(folder: Path) -> Path:
    folder = folder.resolve()
    if not folder.is_dir():
        raise FolderMissing(folder)
    mode = folder.stat().st_mode
    if mode & stat.S_IWOTH and not mode & stat.S_ISVTX:
        raise UnsafeFolder(folder)
    return folder


def _runtime_folder() -> Path:
    """Return the user's own runtime folder, or a temporary one, whichever has a path short enough for sockets."""
    given = os.environ.get("XDG_RUNTIME_DIR", "")
    if given and _is_private(Path(given)) and len(os.fsencode(given)) <= _LONGEST_RUNTIME:
        return Path(given)
    temporary = Path(tempfile.gettempdir()).resolve()
    return temporary if len(os.fsencode(temporary)) <= _LONGEST_RUNTIME else Path("/tmp")  # noqa: S108  a 0700 folder in it


def _is_private(folder: Path) -> bool:
    try:
        found = folder.lstat()
    except OSError:
        return False
    writable = os.access(folder, os.W_OK | os.X_OK)
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid() and not found.st_mode & 0o077 and writable


@contextlib.contextmanager
def _owned(path: Path) -> Iterator[None]:
    """Make a private folder, and hold its owner's lock while it is in use."""
    try:
        path.mkdir(mode=0o700)
        os.close(os.open(path / _OWNER, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except OSError as refused:
        raise FolderUnusable(path.parent, refused.strerror or str(refused)) from refused
    try:
        with hold_exclusive(path / _OWNER):
            yield
    finally:
        janitor.remove([str(path)])


@contextlib.contextmanager
def _janitor(paths: tuple[Path, ...], lock: HeldLock | None) -> Iterator[int]:
    """Run the janitor beside us and yield the pipe to it; it starts before the folders are made."""
    reading, writing = os.pipe()
    argv: list[str | Path] = [sys.executable, "-I", "-S", _JANITOR, *paths, *([lock.path] if lock else [])]
    try:
        null = os.open(os.devnull, os.O_RDWR)
        held = (lock.descriptor,) if lock else ()
        child = process.spawn(argv, stdin=reading, stdout=null, stderr=null, pass_fds=held, die_with_parent=False)
        os.close(null)
    except BaseException:
        os.close(writing)
        raise
    finally:
        os.close(reading)
    try:
        yield writing
    finally:
        _dismiss(child, writing, paths)


def _dismiss(child: subprocess.Popen[bytes], pipe: int, paths: tuple[Path, ...]) -> None:
    """Tell the janitor that all is done; what could not be removed is left to it."""
    if not any(path.exists() for path in paths):
        with contextlib.suppress(BrokenPipeError):
            os.write(pipe, b"done\n")
    os.close(pipe)
    try:
        child.wait(_JANITOR_SECONDS)
    except Exception:  # noqa: BLE001  TimeoutExpired, by a name that only process.py may import
        process.end(child)
