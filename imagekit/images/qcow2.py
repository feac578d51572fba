"""A strict reader of qcow2 headers, so that a file is judged before any tool of qemu opens it.

Source of all numbers: docs/interop/qcow2.txt and block/qcow2.h of qemu.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from imagekit.images.errors import (
    BackingFileRefused,
    DataFileRefused,
    FormatUnsupported,
    HeaderInvalid,
    ImageEncrypted,
    ImageTruncated,
    LeftDirty,
    MarkedCorrupt,
    UnknownFeatures,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_V2 = struct.Struct(">4sIQIIQIIQQIIQ")
_V3 = struct.Struct(">QQQII")
_V2_LENGTH, _V3_LENGTH = 72, 104

_DIRTY, _CORRUPT, _DATA_FILE, _COMPRESSION, _EXTENDED_L2 = (1 << bit for bit in range(5))
_KNOWN = _DIRTY | _CORRUPT | _DATA_FILE | _COMPRESSION | _EXTENDED_L2

_EXT_END, _EXT_BACKING_FORMAT = 0, 0xE2792ACA
_EXT_ENCRYPTION, _EXT_DATA_FILE = 0x0537BE77, 0x44415441

_MAX_L1_BYTES = 32 << 20
_MAX_REFCOUNT_TABLE_BYTES = 8 << 20
_MAX_SNAPSHOTS = 65536
_MAX_BACKING_NAME = 1023
_MAX_EXTENSIONS = 64


@dataclass(frozen=True, slots=True)
class Qcow2Header:
    """What is known of a qcow2 image whose header is sound.

    Attributes:
        version: 2 or 3; qemu-img calls them compat 0.10 and 1.1.
        virtual_size: bytes.
        cluster_size: bytes.
        backing: the name of the backing file as written, or "".
        backing_format: its format as written, or "".
        snapshots: how many internal snapshots there are.
        extended_l2: whether clusters have subclusters.
    """

    version: int
    virtual_size: int
    cluster_size: int
    backing: str
    backing_format: str
    snapshots: int
    extended_l2: bool

    @property
    def compat(self) -> str:
        """The version as qemu-img names it."""
        return "1.1" if self.version == 3 else "0.10"


@dataclass(frozen=True, slots=True)
class _Fields:
    """The header as it is written, field by field, in the words of the specification."""

    version: int
    backing_offset: int
    backing_size: int
    cluster_bits: int
    size: int
    crypt_method: int
    l1_size: int
    l1_offset: int
    refcount_offset: int
    refcount_clusters: int
    snapshots: int
    snapshots_offset: int
    incompatible: int = 0
    refcount_order: int = 4
    length: int = _V2_LENGTH
    compression: int = 0

    @property
    def cluster_size(self) -> int:
        return 1 << self.cluster_bits


def read_header(path: Path, head: bytes, file_size: int) -> Qcow2Header:
    """Judge the header of a qcow2 image and return what it says.

    Args:
        path: named in errors; not opened.
        head: the beginning of the file, at least its first cluster (2 MiB is always enough).
        file_size: bytes.

    Raises:
        ImageError: a class that names what is wrong; see images/errors.py. The virtual size is not judged here.
    """
    fields = _unpack(path, head)
    _judge_features(path, fields)
    _judge_geometry(path, fields)
    _judge_tables(path, fields, file_size)
    backing_format = _judge_extensions(path, fields, head)
    return Qcow2Header(
        version=fields.version,
        virtual_size=fields.size,
        cluster_size=fields.cluster_size,
        backing=_backing_name(path, fields, head),
        backing_format=backing_format,
        snapshots=fields.snapshots,
        extended_l2=bool(fields.incompatible & _EXTENDED_L2),
    )


def _unpack(path: Path, head: bytes) -> _Fields:
    if len(head) < _V2_LENGTH:
        raise ImageTruncated(path, "header", _V2_LENGTH, len(head))
    _, version, *rest = _V2.unpack_from(head)
    if version == 1:
        raise FormatUnsupported(path, "qcow version 1")
    if version not in (2, 3):
        raise HeaderInvalid(path, f"version {version} is not 2 or 3")
    basic = _Fields(version, *rest)
    if version == 2:
        return basic
    if len(head) < _V3_LENGTH:
        raise ImageTruncated(path, "header", _V3_LENGTH, len(head))
    incompatible, _, _, refcount_order, length = _V3.unpack_from(head, _V2_LENGTH)
    compression = head[_V3_LENGTH] if length > _V3_LENGTH and len(head) > _V3_LENGTH else 0
    return replace(
        basic, incompatible=incompatible, refcount_order=refcount_order, length=length, compression=compression
    )


def _judge_features(path: Path, fields: _Fields) -> None:
    """Refuse what the features say. Version 2 has none: the same bytes are something else there."""
    unknown = fields.incompatible & ~_KNOWN
    if unknown:
        raise UnknownFeatures(path, tuple(bit for bit in range(64) if unknown >> bit & 1))
    if fields.incompatible & _DATA_FILE:
        raise DataFileRefused(path)
    if fields.crypt_method:
        raise ImageEncrypted(path)
    if fields.incompatible & _CORRUPT:
        raise MarkedCorrupt(path)
    if fields.incompatible & _DIRTY:
        raise LeftDirty(path)
    if fields.compression not in (0, 1) or bool(fields.compression) != bool(fields.incompatible & _COMPRESSION):
        raise HeaderInvalid(path, f"compression type {fields.compression}")


def _judge_geometry(path: Path, fields: _Fields) -> None:
    smallest = 14 if fields.incompatible & _EXTENDED_L2 else 9
    if not smallest <= fields.cluster_bits <= 21:
        raise HeaderInvalid(path, f"cluster_bits {fields.cluster_bits} is not within {smallest} to 21")
    if fields.refcount_order > 6:
        raise HeaderInvalid(path, f"refcount_order {fields.refcount_order} is over 6")
    least = _V2_LENGTH if fields.version == 2 else _V3_LENGTH
    if fields.length % 8 or not least <= fields.length <= fields.cluster_size:
        raise HeaderInvalid(path, f"header_length {fields.length}")


def _judge_tables(path: Path, fields: _Fields, file_size: int) -> None:
    """Hold the tables to their largest size, to the clusters' grid and to the file's end."""
    per_l2 = fields.cluster_size // (16 if fields.incompatible & _EXTENDED_L2 else 8)
    needed = -(-fields.size // (fields.cluster_size * per_l2))
    if fields.l1_size * 8 > _MAX_L1_BYTES or fields.l1_size < needed:
        raise HeaderInvalid(path, f"an L1 table of {fields.l1_size} entries, where {needed} are needed")
    refcount_bytes = fields.refcount_clusters * fields.cluster_size
    if not 0 < refcount_bytes <= _MAX_REFCOUNT_TABLE_BYTES:
        raise HeaderInvalid(path, f"a refcount table of {fields.refcount_clusters} clusters")
    if fields.snapshots > _MAX_SNAPSHOTS:
        raise HeaderInvalid(path, f"{fields.snapshots} snapshots")
    tables = (
        ("L1 table", fields.l1_offset, fields.l1_size * 8),
        ("refcount table", fields.refcount_offset, refcount_bytes),
        ("snapshot table", fields.snapshots_offset, fields.snapshots * 40),
    )
    for what, offset, size in tables:
        if size == 0:
            continue
        if offset % fields.cluster_size or offset == 0:
            raise HeaderInvalid(path, f"the {what} is at {offset}, which is not on the grid of clusters")
        if offset + size > _round_up(file_size, fields.cluster_size):
            raise ImageTruncated(path, what, offset + size, file_size)


def _round_up(value: int, step: int) -> int:
    return -(-value // step) * step


def _extensions(path: Path, fields: _Fields, head: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the type and the data of each header extension, as far as the first cluster goes."""
    end = min(fields.backing_offset or fields.cluster_size, fields.cluster_size, len(head))
    offset = fields.length
    for _ in range(_MAX_EXTENSIONS):
        if offset + 8 > end:
            return
        kind, length = struct.unpack_from(">II", head, offset)
        if kind == _EXT_END:
            return
        offset += 8
        if length > end - offset:
            raise HeaderInvalid(path, f"header extension {kind:#010x} of {length} bytes leaves the first cluster")
        yield kind, head[offset : offset + length]
        offset += _round_up(length, 8)
    raise HeaderInvalid(path, f"more than {_MAX_EXTENSIONS} header extensions")


def _judge_extensions(path: Path, fields: _Fields, head: bytes) -> str:
    """Refuse what header extensions say, and return the backing format, or ""."""
    backing_format = ""
    for kind, data in _extensions(path, fields, head):
        if kind == _EXT_DATA_FILE:
            raise DataFileRefused(path)
        if kind == _EXT_ENCRYPTION:
            raise ImageEncrypted(path)
        if kind == _EXT_BACKING_FORMAT:
            backing_format = data.decode("ascii", errors="replace")
    return backing_format


def _backing_name(path: Path, fields: _Fields, head: bytes) -> str:
    if fields.backing_offset == 0:
        return ""
    end = fields.backing_offset + fields.backing_size
    inside = fields.length <= fields.backing_offset and end <= min(fields.cluster_size, len(head))
    if not inside or not 0 < fields.backing_size <= _MAX_BACKING_NAME:
        raise BackingFileRefused(path, "?", why="its name lies outside the header")
    name = head[fields.backing_offset : end]
    try:
        return name.decode()
    except UnicodeDecodeError as strange:
        raise BackingFileRefused(path, name.decode(errors="replace"), why="its name is no text") from strange
