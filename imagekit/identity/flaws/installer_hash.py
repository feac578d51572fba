"""Password hashes in what an installer was told."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from imagekit.identity.flaw import Flaw, Sign
from imagekit.identity.glimpse import found

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imagekit.identity.flaw import Scene

_FILES = (
    "/root/{autoinst.xml,ks.cfg,*.ks,preseed.cfg,user-data,autoinstall-user-data}",
    "/{preseed.cfg,ks.cfg,autoinst.xml,user-data}",
    "/var/adm/autoinstall/{,*/,*/*/}*.xml",
    "/var/log/YaST2/*.xml",
    "/etc/cloud/cloud.cfg.d/*.cfg",
)
"""Beside those of the catalogue's item ``installer``, which go whatever they hold."""
_HASH = re.compile(rb"(?<![\w$])\$(?:1|2[aby]|5|6|7|y|gy)\$[./0-9A-Za-z=,]{1,86}\$[./0-9A-Za-z$]{20,}")
_BCRYPT = re.compile(rb"(?<![\w$])\$2[aby]\$\d\d\$[./0-9A-Za-z]{53}")
_MOST_READ = 1 << 20


def find(scene: Scene) -> Iterator[Sign]:
    """Yield each such file that holds a hash as crypt(5) spells them."""
    for path in found(scene.guest, _FILES):
        if scene.guest.is_file(path):
            text = scene.guest.pread(path, _MOST_READ, 0)
            if _HASH.search(text) or _BCRYPT.search(text):
                yield Sign(path, "a password hash is in what an installer or cloud-init was told", ({"delete": path},))


FLAW = Flaw(
    id="installer-hash",
    group="accounts",
    title="password hash in the answers to an installer",
    severity="error",
    why="these files are often readable by every user, and a hash can be tried until the password is found",
    fix="remove the file, or the password in it",
    find=find,
)
