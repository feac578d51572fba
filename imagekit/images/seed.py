"""Write a NoCloud seed disk: an ISO 9660 file that cloud-init finds by its label, the same bytes for the same input."""

from __future__ import annotations

import io
import os
import struct
from typing import TYPE_CHECKING

from imagekit.errors import SpecError
from imagekit.system.nocloud import LARGEST

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LABEL = "cidata"
"""The volume label that cloud-init looks for (docs: datasources/nocloud)."""

_SECTOR = 2048
_FIRST_DESCRIPTOR = 16
_PRIMARY, _SUPPLEMENTARY, _TERMINATOR = 1, 2, 255
_RECORD_DATE = bytes((80, 1, 1, 0, 0, 0, 0))  # ECMA-119 9.1.5: 1 January 1980, UTC
_VOLUME_DATE = b"1980010100000000\0"  # ECMA-119 8.4.26.1


class SeedTooLarge(SpecError):
    """A file of a seed is larger than any cloud-init configuration is."""

    code = "IK-SEED-001"

    def __init__(self, name: str, size: int) -> None:
        self.name = name
        self.size = size
        super().__init__(
            f"{name} of the seed is {size} bytes large",
            why=f"at most {LARGEST >> 20} MiB are taken",
            fix="let cloud-init fetch large files from the network, or put them into the image",
        )


def write_seed_iso(
    path: Path,
    *,
    user_data: bytes,
    meta_data: bytes,
    vendor_data: bytes | None = None,
    network_config: bytes | None = None,
) -> None:
    """Write a new seed disk, mode 0600 since user data may hold secrets.

    The files stand at the root by their exact names, in Rock Ridge and in Joliet. All dates are fixed.

    Raises:
        SeedTooLarge: one of the files is over 16 MiB.
        FileExistsError: something is at the path.
    """
    files = {
        "user-data": user_data,
        "meta-data": meta_data,
        "vendor-data": vendor_data,
        "network-config": network_config,
    }
    image = seed_iso({name: content for name, content in files.items() if content is not None})
    with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as opened:
        opened.write(image)


def seed_iso(files: dict[str, bytes]) -> bytes:
    """Return the bytes of an ISO 9660 disk labelled ``cidata`` with these files at its root.

    Raises:
        SeedTooLarge: one of the files is over 16 MiB.
    """
    import pycdlib  # noqa: PLC0415  only a seed needs it

    iso = pycdlib.PyCdlib()
    iso.new(interchange_level=3, joliet=3, rock_ridge="1.09", vol_ident=LABEL)
    for number, (name, content) in enumerate(sorted(files.items())):
        if len(content) > LARGEST:
            raise SeedTooLarge(name, len(content))
        short = f"/{name.upper().replace('-', '')[:8]}{number}.;1"
        iso.add_fp(io.BytesIO(content), len(content), short, rr_name=name, joliet_path=f"/{name}")
    written = io.BytesIO()
    iso.write_fp(written)
    iso.close()
    return bytes(_with_fixed_dates(bytearray(written.getvalue())))


def _with_fixed_dates(image: bytearray) -> bytearray:
    """Replace each date in volume descriptors, directory records and Rock Ridge entries by the same one."""
    for descriptor in _descriptors(image):
        for offset in (813, 830, 864):  # creation, modification, effective; there is no expiration
            image[descriptor + offset : descriptor + offset + 17] = _VOLUME_DATE
        root = descriptor + 156
        _fix_record(image, root)
        for record in _records(image, root):
            _fix_record(image, record)
    return image


def _descriptors(image: bytearray) -> Iterator[int]:
    """Yield the offset of each descriptor that has a root directory."""
    offset = _FIRST_DESCRIPTOR * _SECTOR
    while image[offset] != _TERMINATOR:
        if image[offset] in (_PRIMARY, _SUPPLEMENTARY):
            yield offset
        offset += _SECTOR


def _records(image: bytearray, directory: int) -> Iterator[int]:
    """Yield the offset of each record of a directory, which is named by its own record (ECMA-119 9.1)."""
    extent, size = struct.unpack_from("<I4xI", image, directory + 2)
    offset, end = extent * _SECTOR, extent * _SECTOR + size
    while offset < end:
        length = image[offset]
        if length:
            yield offset
        offset += length or _SECTOR - offset % _SECTOR


def _fix_record(image: bytearray, record: int) -> None:
    image[record + 18 : record + 25] = _RECORD_DATE
    name_length = image[record + 32]
    entry = record + 33 + name_length + (name_length + 1) % 2
    while entry + 4 <= record + image[record]:  # SUSP 1.12: signature, length, version
        length = image[entry + 2]
        if length < 4:
            return
        if image[entry : entry + 2] == b"TF":  # RRIP 1.12, 4.1.6: flags, then stamps of seven bytes
            stamps = (length - 5) // 7
            image[entry + 5 : entry + 5 + 7 * stamps] = _RECORD_DATE * stamps
        entry += length
