"""``inspect``: the facts of an image and of the guest in it."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict

from imagekit.engine.opened import checked, opened
from imagekit.engine.options import Options
from imagekit.events import OnEvent, silent
from imagekit.guest.facts import Facts
from imagekit.images.info import ImageInfo
from imagekit.images.workspace import Workspace


class FilesystemFacts(BaseModel):
    """One file system, swap or container on the disk."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    device: str
    type: str
    uuid: str = ""
    label: str = ""
    mountpoint: str | None = None


class Inspection(BaseModel):
    """What an image is, and what is in it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    image: ImageInfo
    guest: Facts
    filesystems: tuple[FilesystemFacts, ...]


def inspect(image: str | Path, *, options: Options | None = None, on_event: OnEvent = silent) -> Inspection:
    """Return the facts of an image and of its guest; nothing is written.

    Raises:
        ImagekitError: it cannot be opened, or holds no system, or several.
    """
    settings = options or Options()
    appliance = settings.settings(network=False)
    with (
        checked(Path(image), settings, on_event) as info,
        Workspace.scratch() as workspace,
        opened(info, workspace, appliance, settings, on_event, readonly=True) as open_image,
    ):
        mounted = {mount.device: mount.mountpoint for mount in reversed(open_image.layout.mounts)}
        filesystems = tuple(
            FilesystemFacts(device=f.device, type=f.type, uuid=f.uuid, label=f.label, mountpoint=mounted.get(f.device))
            for f in open_image.layout.filesystems
        )
        return Inspection(image=info, guest=open_image.guest.facts, filesystems=filesystems)
