"""The overlay that takes all writes, so that the base is never written to."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from imagekit.errors import HostError, ImageError
from imagekit.hostdisk import in_mib
from imagekit.images.qemuimg import QemuImg

if TYPE_CHECKING:
    from pathlib import Path

    from imagekit.images.info import ImageInfo

_OPTIONS = "compat=1.1,lazy_refcounts=off,cluster_size=65536"
"""Lazy refcounts make an image dirty when its writer is killed; without them it only leaks clusters (measured)."""

_LONGEST_BACKING_NAME = 1023


class ShrinkRefused(ImageError):
    """An overlay would be smaller than its base."""

    code = "IK-IMG-121"

    def __init__(self, path: Path, virtual_size: int, wanted: int) -> None:
        self.path = path
        self.virtual_size = virtual_size
        self.wanted = wanted
        super().__init__(
            f"the disk in {path} is {in_mib(virtual_size)} large and cannot become {in_mib(wanted)}",
            why="a disk is only ever grown: what lies at its end would be cut off",
        )


class BaseNameTooLong(HostError):
    """The path of the base does not fit into a qcow2 header."""

    code = "IK-HOST-111"

    def __init__(self, path: Path) -> None:
        self.path = path
        super().__init__(
            f"the path of {path.name} is longer than {_LONGEST_BACKING_NAME} bytes",
            why="a qcow2 overlay cannot name a base whose path is longer",
            fix="move the image to a shorter path",
        )


def create_overlay(base: ImageInfo, path: Path, *, size: int | None = None) -> None:
    """Make an empty qcow2 overlay over a checked base: mode 0600, 64 KiB clusters, the base's format told.

    The base is named by its absolute path, so that no part of its name is taken for a protocol or an option.

    Args:
        base: what it lies over.
        path: the new file; nothing may be there.
        size: of its disk, in bytes; None for the base's.

    Raises:
        ShrinkRefused: ``size`` is below that of the base.
        BaseNameTooLong: the path of the base is longer than a qcow2 header can hold.
        ToolFailed: qemu-img could not.
    """
    if size is not None and size < base.virtual_size:
        raise ShrinkRefused(base.path, base.virtual_size, size)
    if len(os.fsencode(base.path)) > _LONGEST_BACKING_NAME:
        raise BaseNameTooLong(base.path)
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    QemuImg().create_overlay(path.absolute(), size, base.path, base.format, _OPTIONS)
