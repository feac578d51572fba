"""Look at a whole mounted tree at once, to tell what guest programs changed."""

from __future__ import annotations

import base64
import gzip
from dataclasses import dataclass
from typing import TYPE_CHECKING

from imagekit.guest.changes import Change, FileState, change_between

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from imagekit.appliance.session import Session
    from imagekit.guest.protocol import Kind

_KINDS: dict[bytes, Kind] = {b"f": "file", b"d": "directory", b"l": "symlink"}
_PIECE = 2 << 20
_FORMAT = r"%y %m %U %G %s %C@ %l\0%P\0"
_LEFT_OUT = ("/proc", "/sys", "/dev", "/run")


@dataclass(frozen=True, slots=True)
class Sight:
    """A path as find(1) sees it: its state, and the time of its last change of any sort (ctime)."""

    state: FileState
    changed: str


def take(session: Session) -> dict[str, Sight]:
    """Return every path of the mounted guest; one call and about 2 s for 20,000 names under emulation."""
    skip = " -o ".join(f"-path /sysroot{path}" for path in _LEFT_OUT)
    session.script(
        f"find /sysroot \\( {skip} \\) -prune -o -printf '{_FORMAT}' | gzip -1 > /tmp/snapshot", deadline=900
    )
    packed = b""
    while True:
        piece = session.script(f"tail -c +{len(packed) + 1} /tmp/snapshot | head -c {_PIECE} | base64 -w0")
        if not piece.strip():
            break
        packed += base64.b64decode(piece)
    return parse(gzip.decompress(packed))


def parse(listing: bytes) -> dict[str, Sight]:
    """Read what ``find -printf`` wrote: two fields to a path, each ended by NUL."""
    fields = listing.split(b"\0")
    sights = {}
    for facts, name in zip(fields[::2], fields[1::2], strict=False):
        kind, mode, uid, gid, size, changed, target = facts.split(b" ", 6)
        sort = _KINDS.get(kind, "other")
        state = FileState(
            kind=sort,
            mode=int(mode, 8),
            uid=int(uid),
            gid=int(gid),
            size=int(size) if sort == "file" else None,
            target=target.decode(errors="replace") if sort == "symlink" else None,
        )
        sights["/" + name.decode(errors="backslashreplace")] = Sight(state, changed.decode())
    return sights


def compare(
    before: Mapping[str, Sight], after: Mapping[str, Sight], digest: Callable[[str], str | None]
) -> tuple[Change, ...]:
    """Return what differs between two snapshots, sorted by path.

    A directory whose entries changed is not told of itself. What a file held before is not known; what it holds now
    is, by ``digest``.
    """
    changes = []
    for path in sorted(before.keys() | after.keys()):
        old, new = before.get(path), after.get(path)
        if old == new or (old and new and old.state == new.state and new.state.kind != "file"):
            continue
        state = new.state if new else None
        if state and state.kind == "file":
            state = state.model_copy(update={"sha256": digest(path)})
        change = change_between(path, old.state if old else None, state)
        if change:
            changes.append(change)
    return tuple(changes)
