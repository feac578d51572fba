"""Snapshots inside the image file, with the disk as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagekit.identity.flaw import Flaw, Sign

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imagekit.identity.flaw import Scene


def find(scene: Scene) -> Iterator[Sign]:
    """Yield the image if its file holds snapshots."""
    if scene.snapshots:
        count = "an internal snapshot" if scene.snapshots == 1 else f"{scene.snapshots} internal snapshots"
        yield Sign("", f"the image holds {count}")


FLAW = Flaw(
    id="image-snapshots",
    group="image",
    title="snapshots inside the image file",
    severity="error",
    why="each holds the disk as it was, with every key and secret that was removed since",
    fix="publish it anew: what imagekit customize writes has no snapshots",
    find=find,
)
