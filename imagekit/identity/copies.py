"""Copies of identities inside the initramfs: they outlive a reset of the file that they were made from."""

from __future__ import annotations

import fnmatch
from typing import TYPE_CHECKING

from imagekit.guest.kernels import installed_kernels
from imagekit.system.initramfs.held import copies
from imagekit.system.initramfs.images import images_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from imagekit.guest.protocol import Guest
    from imagekit.identity.item import Item


def copies_of(guest: Guest, items: Iterable[Item]) -> dict[str, tuple[str, ...]]:
    """Return where copies of identities are: item id -> ``IMAGE: PATH INSIDE``, sorted.

    No image is read unless this guest's generator would copy one of the items. That takes seconds.

    Raises:
        InitramfsUnreadable: an image cannot be read.
    """
    wanted = {item: item.copied(guest) for item in items}
    patterns = {pattern for found in wanted.values() for pattern in found}
    there = copies(guest, sorted(patterns)) if patterns else ()
    found: dict[str, set[str]] = {}
    for item, own in wanted.items():
        for copy in there:
            if item.is_copy(copy.content) and any(fnmatch.fnmatchcase(copy.path, pattern) for pattern in own):
                found.setdefault(item.id, set()).add(f"{copy.image}: {copy.path}")
    return {name: tuple(sorted(places)) for name, places in found.items()}


def kernels_with(guest: Guest, found: Mapping[str, Collection[str]]) -> tuple[str, ...]:
    """Return the kernels whose initramfs holds a copy."""
    images = {place.partition(": ")[0] for places in found.values() for place in places}
    return tuple(kernel for kernel in installed_kernels(guest) if images.intersection(images_of(guest, kernel)))
