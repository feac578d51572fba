"""What the boot loader remembers of one machine, and keys that kernels trust."""

from __future__ import annotations

import re

from imagekit.identity.makers import NOT_NEEDED
from imagekit.identity.ways import Edited, Removed, grouped, row

_ONCE = re.compile(r"^(?:recordfail|next_entry|prev_saved_entry|boot_once)=.*\n", re.MULTILINE)
_PADDING = re.compile(r"#*\Z")
_BLOCK = 1024
"""Bytes of GRUB's environment block, which may not change: grub-editenv(1)."""


def without_memory(text: str) -> str:
    """Return an environment block of GRUB without what one boot left there for the next, padded as it was."""
    if not _ONCE.search(text):
        return text
    return _PADDING.sub("", _ONCE.sub("", text)).ljust(_BLOCK, "#")


ITEMS = grouped(
    "boot",
    row(
        "grubenv",
        "what one boot left for the next in GRUB's environment",
        Edited(("/boot/{grub,grub2}/grubenv", "/boot/efi/EFI/*/grubenv"), without_memory),
        maker=NOT_NEEDED,
        severity="note",
        brands=False,
        confidential=False,
    ),
    row(
        "secureboot",
        "key that signs kernel modules of this machine",
        Removed(("/var/lib/shim-signed/mok/MOK.{priv,der}", "/var/lib/dkms/mok.{key,pub}")),
        severity="warning",
        default=False,
        brands=False,
        why="modules that were signed with it load no more where they are built anew, until a new key is enrolled by hand",
    ),
)
