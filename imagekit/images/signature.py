"""Know a foreign format by its first or last bytes, so that it can be refused by name."""

from __future__ import annotations

from dataclasses import dataclass

QCOW_MAGIC = b"QFI\xfb"
HEAD_SIZE = 2 << 20
"""How much of the beginning is looked at, in bytes: the largest first cluster that a qcow2 may have."""
TAIL_SIZE = 512
"""How much of the end is looked at, in bytes: VHD and DMG keep a footer there."""


@dataclass(frozen=True, slots=True)
class Signature:
    """Bytes at a fixed place that give a format away; a negative offset counts from the end of the file.

    ``unpack`` marks archives and compressed files, ``convertible`` what qemu-img reads.
    """

    name: str
    magic: bytes
    offset: int = 0
    unpack: bool = False
    convertible: bool = True


# Sources: the format notes of qemu (docs/interop), VMware's "Virtual Disk Format 1.1", Microsoft's VHD and
# VHDX specifications, VirtualBox's VDICore.h, ECMA-119, cryptsetup's on-disk format, and magic(5).
SIGNATURES: tuple[Signature, ...] = (
    Signature("VMDK", b"KDMV"),
    Signature("VMDK", b"COWD"),
    Signature("VMDK", b"# Disk DescriptorFile"),
    Signature("VHDX", b"vhdxfile"),
    Signature("VHD", b"conectix"),
    Signature("VHD", b"conectix", -512),
    Signature("VHD", b"conectix", -511),
    Signature("VDI", b"\x7f\x10\xda\xbe", 64),
    Signature("QED", b"QED\0"),
    Signature("Parallels", b"WithoutFreeSpace"),
    Signature("Parallels", b"WithouFreSpacExt"),
    Signature("Bochs", b"Bochs Virtual HD Image"),
    Signature("DMG", b"koly", -512),
    Signature("LUKS", b"LUKS\xba\xbe", convertible=False),
    Signature("an ISO 9660 image", b"CD001", 0x8001, convertible=False),
    Signature("an archive (tar)", b"ustar", 257, unpack=True),
    Signature("an archive (zip)", b"PK\x03\x04", unpack=True),
    Signature("an archive (7z)", b"7z\xbc\xaf\x27\x1c", unpack=True),
    Signature("compressed (gzip)", b"\x1f\x8b\x08", unpack=True),
    Signature("compressed (xz)", b"\xfd7zXZ\0", unpack=True),
    Signature("compressed (zstd)", b"\x28\xb5\x2f\xfd", unpack=True),
    Signature("compressed (bzip2)", b"BZh", unpack=True),
)


def foreign_format(head: bytes, tail: bytes) -> Signature | None:
    """Return the signature that the first (HEAD_SIZE) and last (TAIL_SIZE) bytes of a file carry, or None.

    VMDK descriptors may start with blank lines and comments, which qemu skips, so those are skipped here too.
    """
    for signature in SIGNATURES:
        place = head[signature.offset :] if signature.offset >= 0 else tail[len(tail) + signature.offset :]
        if place.startswith(signature.magic):
            return signature
    if b"# Disk DescriptorFile" in head[:TAIL_SIZE]:
        return SIGNATURES[0]
    return None
