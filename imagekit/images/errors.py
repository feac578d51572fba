"""Why an image is refused: one class a reason, each with its sentence, the rule behind it and the way out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagekit.errors import HostError, ImageError
from imagekit.hostdisk import in_mib

if TYPE_CHECKING:
    from pathlib import Path


class ImageNotFound(ImageError):
    """Nothing is at the path of the image."""

    code = "IK-IMG-101"

    def __init__(self, path: Path) -> None:
        self.path = path
        super().__init__(f"there is no image {path}", fix="check the path; links are followed, a dangling one counts")


class ImageUnreadable(ImageError):
    """The image is there, but this user cannot read it."""

    code = "IK-IMG-102"

    def __init__(self, path: Path, reason: str) -> None:
        self.path = path
        self.reason = reason
        super().__init__(f"cannot read the image {path}: {reason}", fix=f"let this user read it: ls -l {path}")


class NotAnImageFile(ImageError):
    """The path is a directory, a pipe, a socket or a character device."""

    code = "IK-IMG-103"

    def __init__(self, path: Path, kind: str) -> None:
        self.path = path
        self.kind = kind
        super().__init__(
            f"{path} is a {kind}, not an image",
            why="an image is a regular file or a block device",
            fix="name the image file itself",
        )


class ImageEmpty(ImageError):
    """The image has no bytes."""

    code = "IK-IMG-104"

    def __init__(self, path: Path) -> None:
        self.path = path
        super().__init__(f"the image {path} is empty", why="a download or a copy may have failed", fix="fetch it again")


class FormatUnsupported(ImageError):
    """The image is of a format that is not opened, known by name."""

    code = "IK-IMG-105"

    def __init__(self, path: Path, format_name: str, *, unpack: bool = False, convertible: bool = True) -> None:
        self.path = path
        self.format_name = format_name
        fix = f"convert it first: qemu-img convert -O qcow2 {path} {path.stem}.qcow2, if you trust where it comes from"
        if unpack:
            fix = "unpack it first, and name the image that was inside"
        elif not convertible:
            fix = "name a disk image; if it really is a raw disk, say so with the format raw"
        super().__init__(
            f"{path} is {format_name}, not qcow2 or raw",
            why="only qcow2 and raw images are opened; other formats may name other files of this host",
            fix=fix,
        )


class BackingFileRefused(ImageError):
    """A qcow2 image builds on another file that the user has not allowed, or that cannot be trusted."""

    code = "IK-IMG-106"

    def __init__(self, path: Path, backing: str, why: str = "") -> None:
        self.path = path
        self.backing = backing
        super().__init__(
            f"{path} builds on another file, {backing!r}",
            why=why or "a backing file may be any file of this host, so it must be allowed by name",
            fix=f"flatten it (qemu-img convert -f qcow2 -O qcow2 {path} flat.qcow2), or allow its folder with --allow-backing",
        )


class DataFileRefused(ImageError):
    """A qcow2 image keeps its data in another file (CVE-2024-32498, CVE-2024-4467)."""

    code = "IK-IMG-107"

    def __init__(self, path: Path) -> None:
        self.path = path
        super().__init__(
            f"{path} keeps its data in an external data file",
            why="that file may be any file of this host",
            fix=f"where you trust it, flatten it: qemu-img convert -f qcow2 -O qcow2 {path} flat.qcow2",
        )


class ImageEncrypted(ImageError):
    """A qcow2 image is encrypted as a whole."""

    code = "IK-IMG-108"

    def __init__(self, path: Path) -> None:
        self.path = path
        super().__init__(
            f"{path} is an encrypted qcow2",
            why="encryption inside the guest (LUKS, with --key) is supported, that of the container is not",
            fix="decrypt it first with qemu-img convert",
        )


class UnknownFeatures(ImageError):
    """A qcow2 image asks for features that this version does not know (specification: must not be opened)."""

    code = "IK-IMG-109"

    def __init__(self, path: Path, bits: tuple[int, ...]) -> None:
        self.path = path
        self.bits = bits
        listed = ", ".join(str(bit) for bit in bits)
        super().__init__(
            f"{path} needs qcow2 features that are not known here (incompatible feature bits {listed})",
            why="an image whose features are not understood cannot be judged safe",
            fix="convert it with the qemu-img that wrote it",
        )


class MarkedCorrupt(ImageError):
    """A qcow2 image says of itself that it is corrupt."""

    code = "IK-IMG-110"

    def __init__(self, path: Path) -> None:
        self.path = path
        super().__init__(
            f"{path} is marked as corrupt",
            why="a program that wrote it found its metadata damaged",
            fix=f"work on a copy: qemu-img check -f qcow2 -r all {path}",
        )


class LeftDirty(ImageError):
    """A qcow2 image with lazy refcounts was not closed: its writer crashed, or still runs."""

    code = "IK-IMG-111"

    def __init__(self, path: Path) -> None:
        self.path = path
        super().__init__(
            f"{path} was not closed by the program that wrote it",
            why="it uses lazy refcounts, which are wrong until they are repaired; or a machine still runs on it",
            fix=f"shut the machine down, then: qemu-img check -f qcow2 -r all {path}",
        )


class ImageTooLarge(ImageError):
    """The virtual size is over the limit."""

    code = "IK-IMG-112"

    def __init__(self, path: Path, virtual_size: int, limit: int) -> None:
        self.path = path
        self.virtual_size = virtual_size
        self.limit = limit
        super().__init__(
            f"the disk in {path} is {in_mib(virtual_size)} large, over the limit of {in_mib(limit)}",
            why="a tiny file may claim a huge disk, and fill this host when it is written out",
        )


class BadVirtualSize(ImageError):
    """The virtual size is zero, or no whole number of sectors."""

    code = "IK-IMG-113"

    def __init__(self, path: Path, virtual_size: int) -> None:
        self.path = path
        self.virtual_size = virtual_size
        super().__init__(
            f"the disk in {path} is {virtual_size} bytes large, which no disk is",
            why="a disk has at least one sector, and whole ones of 512 bytes",
            fix="the file may be cut short: fetch it again, or if it is whole: truncate -s %512 FILE",
        )


class HeaderInvalid(ImageError):
    """A field of the qcow2 header is outside what the specification or qemu allows."""

    code = "IK-IMG-114"

    def __init__(self, path: Path, detail: str) -> None:
        self.path = path
        self.detail = detail
        super().__init__(
            f"{path} has a bad qcow2 header: {detail}",
            why="the image is damaged, or was made to harm",
            fix="fetch it again",
        )


class ImageTruncated(ImageError):
    """A qcow2 image ends before something that its header points at."""

    code = "IK-IMG-115"

    def __init__(self, path: Path, what: str, needed: int, size: int) -> None:
        self.path = path
        self.what = what
        self.needed = needed
        self.size = size
        super().__init__(
            f"{path} is cut short: its {what} would end at byte {needed}, but the file has {size}",
            why="a download or a copy may have failed",
            fix="fetch it again",
        )


class ImageCorrupt(ImageError):
    """``qemu-img check`` found the image damaged or cut short."""

    code = "IK-IMG-116"

    def __init__(self, path: Path, corruptions: int) -> None:
        self.path = path
        self.corruptions = corruptions
        super().__init__(
            f"{path} is damaged or cut short: qemu-img check finds {corruptions} corruptions",
            why="what is lost reads as zeros, without an error",
            fix=f"fetch it again; on a copy you may try: qemu-img check -f qcow2 -r all {path}",
        )


class CheckUnfinished(ImageError):
    """``qemu-img`` could not look at the image within its limits."""

    code = "IK-IMG-117"

    def __init__(self, path: Path, detail: str) -> None:
        self.path = path
        self.detail = detail
        super().__init__(
            f"qemu-img cannot check {path}: {detail}",
            why="an image that cannot be checked within the limits of time and memory is not opened",
            fix="flatten it into a new qcow2 on a host that you can spare",
        )


class FormatDisputed(ImageError):
    """Two independent inspections do not agree on what the image is."""

    code = "IK-IMG-118"

    def __init__(self, path: Path, ours: str, theirs: str) -> None:
        self.path = path
        self.ours = ours
        self.theirs = theirs
        super().__init__(
            f"{path} looks like {ours}, but a second inspection says: {theirs}",
            why="a file that may be read in two ways is a known way to smuggle a header in",
            fix="convert it first, where you trust it",
        )


class ChainTooDeep(ImageError):
    """Backing files follow one another without end, or too many of them."""

    code = "IK-IMG-119"

    def __init__(self, path: Path, depth: int) -> None:
        self.path = path
        self.depth = depth
        super().__init__(
            f"{path} builds on a chain of more than {depth} files, or on itself",
            fix=f"flatten it: qemu-img convert -f qcow2 -O qcow2 {path} flat.qcow2",
        )


class BaseChanged(ImageError):
    """The base was replaced or written to while the build ran."""

    code = "IK-IMG-120"

    def __init__(self, path: Path, what: str) -> None:
        self.path = path
        self.what = what
        super().__init__(
            f"{path} changed while imagekit worked on it: {what}",
            why="what was built came from a base that no longer exists; nothing was published",
            fix="run again once nothing else writes to it",
        )


class ImageInUse(HostError):
    """Another program has the image open for writing; qemu's own locks say so."""

    code = "IK-LOCK-003"

    def __init__(self, path: Path) -> None:
        self.path = path
        super().__init__(
            f"another program has {path} open for writing",
            why="an image that is being written to has no state that could be copied",
            fix=f"shut the machine down that runs on it: fuser -v {path}",
        )
