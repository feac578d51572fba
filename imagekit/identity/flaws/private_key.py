"""Private keys that people left under names of their own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from imagekit.guest import paths
from imagekit.identity.flaw import Flaw, Sign
from imagekit.identity.glimpse import found

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imagekit.identity.flaw import Scene

_FILES = ("~/.ssh/*", "~/*.{pem,key,ppk}", "~/.ssh/*/*")
_USUAL = re.compile(r"id_.*|.*\.pem|.*\.pub|known_hosts.*|authorized_keys.*|config|environment")
"""Names in ``~/.ssh`` that the catalogue has already, or that are of no key."""
_BEGINS = re.compile(rb"\s*(?:-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----|PuTTY-User-Key-File-\d)")
_LONGEST_HEAD = 4096


def find(scene: Scene) -> Iterator[Sign]:
    """Yield each file in a home that begins as a private key does: RFC 7468, OpenSSH's and PuTTY's own forms."""
    for path in found(scene.guest, _FILES):
        usual = paths.name(paths.parent(path)) == ".ssh" and _USUAL.fullmatch(paths.name(path))
        if not usual and scene.guest.is_file(path) and _BEGINS.match(scene.guest.pread(path, _LONGEST_HEAD, 0)):
            yield Sign(path, "a private key of somebody is in this file", ({"delete": path},))


FLAW = Flaw(
    id="private-key",
    group="secrets",
    title="private key in a home",
    severity="error",
    why="whoever gets a clone gets the key, and whatever it opens",
    fix="remove it, and replace it wherever it is trusted if clones are in use",
    find=find,
)
