"""What every initramfs of a guest holds: which drivers it lacks, and which identities were copied into it.

Copies of identities are what dracut puts in for one host (its module 00systemd, mdadm, nvmf) and what the hooks of
initramfs-tools do (open-iscsi, mdadm, dropbear).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from imagekit.guest.kernels import installed_kernels
from imagekit.system.initramfs import kmod
from imagekit.system.initramfs.contents import contents_of
from imagekit.system.initramfs.images import image_of, images_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from imagekit.guest.protocol import Guest

IDENTITIES = (
    "etc/machine-id",
    "etc/machine-info",
    "etc/hostname",
    "etc/hostid",
    "etc/iscsi/initiatorname.iscsi",
    "etc/initiatorname.iscsi",
    "etc/nvme/hostnqn",
    "etc/nvme/hostid",
    "etc/dropbear/dropbear_*_host_key",
    "etc/cmdline.d/*.conf",
)
"""Shell patterns of the files of an initramfs that may hold an identity of the machine that it was made on."""


@dataclass(frozen=True, slots=True)
class Copy:
    """A file inside an initramfs: the guest path of the image, the path inside it, its content."""

    image: str
    path: str
    content: bytes


def drivers_missing(guest: Guest, kernel: str, wanted: Iterable[str]) -> tuple[str, ...]:
    """Return those of the modules that a kernel would not have before its root is mounted.

    A module is there if it is built in, or a file of the initramfs that boots by default; ``-`` and ``_`` are equal.
    Whether the kernel has it at all is what ``kmod.unavailable`` tells.

    Raises:
        NoInitramfs: the kernel has none.
        InitramfsUnreadable: it cannot be read.
    """
    names = tuple(wanted)
    left = kmod.missing(names, kmod.built_in(guest, kernel))
    if not left:
        return ()
    return kmod.missing(left, contents_of(guest, image_of(guest, kernel)).modules)


def copies(guest: Guest, wanted: Iterable[str] = IDENTITIES) -> tuple[Copy, ...]:
    """Return the files that match, out of every initramfs of every kernel, those that are blank left out.

    An image that is an empty file holds nothing.

    Raises:
        InitramfsUnreadable: an image cannot be read.
    """
    patterns = tuple(wanted)
    found = []
    images = dict.fromkeys(image for kernel in installed_kernels(guest) for image in images_of(guest, kernel))
    for image in (image for image in images if guest.lstat(guest.realpath(image)).size):
        files = contents_of(guest, image, patterns).files
        found += [Copy(image, path, content) for path, content in sorted(files.items()) if content.strip()]
    return tuple(found)
