"""Digests that are remembered for as long as their files do not change, so that a base is read once and not each time."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import secrets
import stat
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_MOST = 1000
_LONGEST = 1 << 20
_RACY_NS = 2_000_000_000
"""A file that changed less than this before it was read may change again without its times telling."""
_DIGEST = re.compile(r"[0-9a-f]{64}")


class Digests:
    """SHA-256 of regular files, by device, inode, size, and the times of the last write and of the last change of any sort.

    Kept in one file of the user's cache folder. Whatever is wrong with that, the digest is computed, as it is for
    devices and for files that changed just now.

    Args:
        folder: the cache folder; made if it is not there.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file = folder / "digests.json"

    def of(self, path: Path) -> str:
        """Return the SHA-256 of a file's bytes, in hex.

        Raises:
            OSError: the file cannot be read to its end.
        """
        with path.open("rb") as opened:
            before = os.fstat(opened.fileno())
            settled = stat.S_ISREG(before.st_mode) and _is_settled(before)
            known = self._read().get(_key(before)) if settled else None
            if known:
                return known
            digest = hashlib.file_digest(opened, "sha256").hexdigest()
            after = os.fstat(opened.fileno())
        if settled and _key(after) == _key(before):
            self._keep(_key(before), digest)
        return digest

    def _read(self) -> dict[str, str]:
        """Return what is kept; nothing if the file is not ours alone, or is not as it is written here."""
        try:
            descriptor = os.open(self._file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            with os.fdopen(descriptor, "rb") as opened:
                found = os.fstat(descriptor)
                if found.st_uid != os.geteuid() or found.st_mode & 0o077 or not stat.S_ISREG(found.st_mode):
                    return {}
                kept = json.loads(opened.read(_LONGEST))["sha256"]
            return {key: value for key, value in kept.items() if _DIGEST.fullmatch(value)}
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return {}

    def _keep(self, key: str, digest: str) -> None:
        """Add one, the oldest go; a cache that cannot be written costs time at the next run, nothing else."""
        kept = {**self._read(), key: digest}
        newest = dict(list(kept.items())[-_MOST:])
        temporary = self._folder / f".digests-{secrets.token_hex(6)}"
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="ascii") as opened:
                json.dump({"sha256": newest}, opened)
            temporary.replace(self._file)
        except OSError:
            with contextlib.suppress(OSError):
                temporary.unlink()


def _key(found: os.stat_result) -> str:
    return f"{found.st_dev}:{found.st_ino}:{found.st_size}:{found.st_mtime_ns}:{found.st_ctime_ns}"


def _is_settled(found: os.stat_result) -> bool:
    return time.time_ns() - max(found.st_mtime_ns, found.st_ctime_ns) > _RACY_NS
