"""What is known of an image once it was found safe: a frozen value that the rest of a build goes by."""

from __future__ import annotations

import hashlib
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field

from imagekit.images.errors import BaseChanged, CheckUnfinished, FormatDisputed, ImageCorrupt, ImageInUse
from imagekit.images.lock import is_written_by_qemu
from imagekit.images.qemuimg import QemuImg
from imagekit.images.safety import Checked, ImageLimits, check_chain

if TYPE_CHECKING:
    from collections.abc import Sequence

Format = Literal["qcow2", "raw"]


class ImageInfo(BaseModel):
    """An image that was checked without being trusted."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: Path = Field(description="Absolute path, links resolved when it was opened.")
    format: Format
    virtual_size: int = Field(description="Size of the disk, in bytes.")
    file_size: int = Field(description="Length of the file, in bytes.")
    actual_size: int = Field(description="Bytes that the file takes on the host; holes do not count.")
    cluster_size: int | None = Field(default=None, description="Bytes of a qcow2 cluster.")
    compat: str | None = Field(default=None, description="qcow2 version as qemu-img names it: 0.10 or 1.1.")
    backing: tuple[Path, ...] = Field(default=(), description="The chain of files it builds on, nearest first.")
    snapshots: int = Field(default=0, description="Internal snapshots; they hold old data, and are not copied.")
    leaked_clusters: int = Field(default=0, description="Clusters that nothing uses; harmless.")
    device: int
    inode: int
    mtime_ns: int

    def digest(self) -> str:
        """Return the SHA-256 of the file's bytes, in hex; reads all of it."""
        return sha256_file(self.path)


def inspect_image(
    path: Path | str,
    *,
    format: Format | None = None,  # noqa: A002  the word of qemu-img and of the spec
    allow_backing: Sequence[Path] = (),
    limits: ImageLimits | None = None,
) -> ImageInfo:
    """Check an image without trusting it, and return what it is.

    First our own reader judges the header, and that of every backing file, with a second opinion of oslo.utils;
    only then ``qemu-img check`` and ``qemu-img info`` see the files, told the format, under limits.

    Args:
        path: the image; links are followed.
        format: what the caller knows it to be. None decides by the header: a qcow2 header is qcow2, whatever the name.
        allow_backing: files, or folders, that the image may build on.
        limits: None for the defaults.

    Raises:
        ImageError: it is refused; images/errors.py has a class for each reason.
        ImageInUse: another program writes to it.
        ToolMissing: qemu-img is not installed.
    """
    limits = limits or ImageLimits()
    chain = check_chain(Path(path), format=format, allow_backing=allow_backing, limits=limits)
    qemu_img = QemuImg()
    leaks = 0
    for member in reversed(chain):
        leaks = _judge_inside(qemu_img, member)
    return _info(chain, leaks)


def _judge_inside(qemu_img: QemuImg, image: Checked) -> int:
    """Have qemu-img look at the metadata that the header points at; return how many clusters leak."""
    if is_written_by_qemu(image.path):
        raise ImageInUse(image.path)
    leaks = 0
    if image.format == "qcow2":
        report = qemu_img.check(image.path, image.format)
        if report.corruptions:
            raise ImageCorrupt(image.path, report.corruptions)
        if report.errors:
            raise CheckUnfinished(image.path, f"{report.errors} errors while it read the metadata")
        leaks = report.leaks
    seen = qemu_img.virtual_size(image.path, image.format)
    if seen != image.virtual_size:
        raise FormatDisputed(image.path, f"a disk of {image.virtual_size} bytes", f"{seen} bytes")
    return leaks


def _info(chain: tuple[Checked, ...], leaks: int) -> ImageInfo:
    image = chain[0]
    header = image.header
    return ImageInfo(
        path=image.path,
        format=image.format,
        virtual_size=image.virtual_size,
        file_size=image.file_size,
        actual_size=image.actual_size,
        cluster_size=header.cluster_size if header else None,
        compat=header.compat if header else None,
        backing=tuple(member.path for member in chain[1:]),
        snapshots=header.snapshots if header else 0,
        leaked_clusters=leaks,
        device=image.identity.device,
        inode=image.identity.inode,
        mtime_ns=image.identity.mtime_ns,
    )


def recheck(image: ImageInfo) -> None:
    """Make sure that the file at the image's path is still the one that was checked, unchanged.

    Raises:
        BaseChanged: it was replaced (device, inode), written to (modification time), or has another length.
    """
    try:
        now = image.path.stat()
    except OSError as gone:
        raise BaseChanged(image.path, gone.strerror or "it is gone") from gone
    if (now.st_dev, now.st_ino) != (image.device, image.inode):
        raise BaseChanged(image.path, "another file took its place")
    if stat.S_ISREG(now.st_mode) and now.st_size != image.file_size:
        raise BaseChanged(image.path, f"it had {image.file_size} bytes and has {now.st_size}")
    if now.st_mtime_ns != image.mtime_ns:
        raise BaseChanged(image.path, "something wrote to it")


def sha256_file(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hex."""
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
