"""Encrypted devices, whose one key every clone would share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagekit.identity.flaw import Flaw, Sign

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imagekit.identity.flaw import Scene


def find(scene: Scene) -> Iterator[Sign]:
    """Yield each device with LUKS on it."""
    for device in scene.devices:
        if device.type == "crypto_LUKS":
            yield Sign(device.name, f"{device.name} is encrypted, and every clone shares its volume key")


FLAW = Flaw(
    id="luks-volume-key",
    group="storage",
    title="one volume key for all clones",
    severity="warning",
    why="whoever has the key of one clone reads them all, whatever their passphrases; a new passphrase changes no volume key",
    fix="run cryptsetup reencrypt once in each clone, or encrypt each clone when it is made",
    find=find,
)
