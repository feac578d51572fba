"""Clean up after an imagekit process that was killed. Run as a script of its own; the standard library alone.

    python -I -S janitor.py PATH...     with a pipe on stdin

The owner writes lines: ``pgid N`` names a process group that must not outlive it, ``gone N`` takes that back, and
``done`` says that nothing is left to do. A pipe that ends without ``done`` means that the owner is dead: the groups
are killed and the paths removed, folders with all that is in them, in the order given. What a folder's file
``elsewhere`` names, a path a line, is removed with it. A lock that came with an inherited descriptor is held until
then.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sys
import time

_SECONDS = 5.0
_PAUSE = 0.02
_PROC = "/proc"
_ELSEWHERE = "elsewhere"


def listen(descriptor: int) -> dict[int, str] | None:
    """Read the owner's lines to the end; return the groups to kill, each with its leader's start, or None if done."""
    groups: dict[int, str] = {}
    with os.fdopen(descriptor, encoding="ascii", errors="replace") as lines:
        for line in lines:
            word, _, number = line.strip().partition(" ")
            if word == "done":
                return None
            if word == "pgid" and number.isdigit():
                groups[int(number)] = _start(number)
            if word == "gone" and number.isdigit():
                groups.pop(int(number), None)
    return groups


def _stat(pid: str) -> list[str]:
    """Return the fields of /proc/PID/stat from the third on (proc(5)), or () when there is no such process."""
    try:
        with open(f"{_PROC}/{pid}/stat", encoding="utf-8", errors="replace") as opened:  # noqa: PTH123  no pathlib: it must start fast
            return opened.read().rpartition(")")[2].split()
    except OSError:
        return []


def _start(pid: str) -> str:
    fields = _stat(pid)
    return fields[19] if fields else ""


def alive(pgid: int) -> bool:
    """Tell whether a process group has a member that is no zombie."""
    for pid in filter(str.isdigit, os.listdir(_PROC)):  # noqa: PTH208  no pathlib: it must start fast
        fields = _stat(pid)
        if fields and fields[2] == str(pgid) and fields[0] not in "ZX":
            return True
    return False


def kill(groups: dict[int, str]) -> bool:
    """Kill each group whose number was not given to another process meanwhile; tell whether all are gone."""
    left = False
    for pgid, start in groups.items():
        now = _start(str(pgid))
        if now and start and now != start:
            continue
        with contextlib.suppress(OSError):
            os.killpg(pgid, signal.SIGKILL)
        left = left or alive(pgid)
    return not left


def elsewhere(folder: str) -> list[str]:
    """Return what a folder of ours says is to be removed with it: whole lines of absolute paths."""
    try:
        with open(f"{folder}/{_ELSEWHERE}", encoding="utf-8", errors="surrogateescape") as opened:  # noqa: PTH123  as above
            return [line[:-1] for line in opened if line.startswith("/") and line.endswith("\n")]
    except OSError:
        return []


def remove(paths: list[str]) -> bool:
    """Remove files and whole folders, links not followed, and what these say is elsewhere; tell whether all are gone."""
    paths = [each for path in paths for each in (*elsewhere(path), path)]
    for path in paths:
        if os.path.isdir(path) and not os.path.islink(path):  # noqa: PTH112, PTH114  no pathlib: it must start fast
            shutil.rmtree(path, ignore_errors=True)
        else:
            with contextlib.suppress(OSError):
                os.unlink(path)  # noqa: PTH108  no pathlib: it must start fast
    return not any(map(os.path.lexists, paths))


def main(paths: list[str]) -> None:
    """Wait for the owner's end; then kill and remove, for five seconds at the most."""
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, signal.SIG_IGN)
    os.chdir("/")
    groups = listen(0)
    if groups is None:
        return
    deadline = time.monotonic() + _SECONDS
    while not (kill(groups) and remove(paths)) and time.monotonic() < deadline:
        time.sleep(_PAUSE)
    remove(paths)


if __name__ == "__main__":
    main(sys.argv[1:])
