"""``cache``: what imagekit keeps on the host to be faster next time, and how to be rid of it."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict

from imagekit.appliance.accel import cache_folder
from imagekit.appliance.states import State, States
from imagekit.errors import HostError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Action = Literal["show", "prune", "clear"]
_CONFIG = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)
_LOCK_SECONDS = 10.0


class CacheUnusable(HostError):
    """The cache cannot be changed."""

    code = "IK-HOST-015"

    def __init__(self, folder: Path, reason: str) -> None:
        self.folder = folder
        self.reason = reason
        super().__init__(f"cannot change the cache in {folder}: {reason}")


class CacheEntry(BaseModel):
    """One thing that is kept."""

    model_config = _CONFIG

    kind: Literal["saved appliance", "verdict on KVM", "digests"]
    name: str
    detail: str
    size: int
    """Bytes on the disk."""
    used: datetime
    """When it was last made or used."""
    broken: str = ""
    """Why it cannot be used any more; "" if it can."""


class CacheReport(BaseModel):
    """What is kept, and what was removed."""

    model_config = _CONFIG

    folder: str
    entries: tuple[CacheEntry, ...]
    removed: tuple[CacheEntry, ...] = ()

    @property
    def size(self) -> int:
        """Bytes of all that is kept."""
        return sum(entry.size for entry in self.entries)


def cache(action: Action = "show") -> CacheReport:
    """Show what is kept on this host for this user, remove what is broken, old or too much, or remove everything.

    A build that runs is not disturbed; what it needs is made anew next time.

    Args:
        action: ``show``, ``prune`` or ``clear``.

    Raises:
        CacheUnusable: it cannot be changed.
    """
    folder = cache_folder()
    states = States(folder / "warm")
    before = tuple(_entries(folder, states))
    if action != "show" and folder.exists():
        try:
            with states.writing(_LOCK_SECONDS):
                _remove(action, folder, states)
        except OSError as refused:
            raise CacheUnusable(folder, refused.strerror or str(refused)) from refused
    after = tuple(_entries(folder, states))
    names = {entry.name for entry in after}
    return CacheReport(
        folder=str(folder), entries=after, removed=tuple(entry for entry in before if entry.name not in names)
    )


def _remove(action: Action, folder: Path, states: States) -> None:
    if action == "prune":
        states.prune()
        return
    for state in states.listed():
        states.drop(state.key)
    for path in (*folder.glob("kvm-*.json"), *folder.glob("digests*")):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def _entries(folder: Path, states: States) -> Iterator[CacheEntry]:
    for state in states.listed():
        yield _of_state(state)
    for path in sorted(folder.glob("kvm-*.json")):
        yield from _of_file("verdict on KVM", path, _verdict(path))
    for path in sorted(folder.glob("digests*")):
        yield from _of_file("digests", path, "of images that did not change")


def _of_state(state: State) -> CacheEntry:
    return CacheEntry(
        kind="saved appliance",
        name=state.key,
        detail=state.title,
        size=state.size,
        used=datetime.fromtimestamp(state.used, UTC),
        broken=state.broken,
    )


def _of_file(kind: Literal["verdict on KVM", "digests"], path: Path, detail: str) -> Iterator[CacheEntry]:
    """Yield the entry of a file or folder, unless another process has removed it meanwhile."""
    try:
        files = [file.stat() for file in (path.rglob("*") if path.is_dir() else (path,))]
        used = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except FileNotFoundError:
        return
    yield CacheEntry(kind=kind, name=path.name, detail=detail, size=sum(f.st_blocks * 512 for f in files), used=used)


def _verdict(path: Path) -> str:
    try:
        known = json.loads(path.read_text(encoding="utf-8"))
        return f"{known['accelerator'].upper()} for kernel {known['kernel']}"
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return "cannot be read"
