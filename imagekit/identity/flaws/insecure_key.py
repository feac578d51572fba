"""Keys that let everybody in, since their private halves are published."""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import TYPE_CHECKING

from imagekit.identity.flaw import BOTH, Flaw, Sign
from imagekit.identity.glimpse import found
from imagekit.system.text import read_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imagekit.identity.flaw import Scene

PUBLISHED = {
    "1M4RzhMyWuFS/86uPY/ce2prh/dVTHW7iD2RhpquOZA": "Vagrant's insecure key (RSA)",
    "WkvqjnyPAeC0cbPErYiGP9vqHdgL1MqqvPdIe3lvHgI": "Vagrant's insecure key (Ed25519)",
}
"""Fingerprints as ``ssh-keygen -l`` prints them behind ``SHA256:``. Both private halves come with Vagrant."""
_FILES = ("~/.ssh/authorized_keys", "~/.ssh/authorized_keys2")


def find(scene: Scene) -> Iterator[Sign]:
    """Yield each published key that a user's authorized_keys lets in."""
    guest = scene.guest
    for path in found(guest, _FILES):
        names = {PUBLISHED.get(each, "") for each in fingerprints(read_text(guest, path))}
        for name in sorted(names - {""}):
            yield Sign(path, f"{name} may log in", ({"delete": path},))


def fingerprints(text: str) -> Iterator[str]:
    """Yield the SHA-256 fingerprint of each key of an authorized_keys text, sshd(8); options may stand before a key."""
    for line in text.splitlines():
        if line.lstrip().startswith("#"):
            continue
        for word in line.split():
            if word.startswith("AAAA"):  # what each such key begins with: the length of its kind's name
                try:
                    blob = base64.b64decode(word, validate=True)
                except (binascii.Error, ValueError):
                    continue
                yield base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")


FLAW = Flaw(
    id="insecure-key",
    group="accounts",
    title="published key that may log in",
    severity="error",
    why="everybody has its private half",
    fix="remove the key; Vagrant replaces it only on machines that Vagrant starts",
    find=find,
    uses=BOTH,
)
