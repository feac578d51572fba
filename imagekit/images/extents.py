"""What a sparse file holds: its data piece by piece, without the holes."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PIECE = 8 << 20
"""Bytes that are read at a time."""


def data_of(path: Path, *, piece: int = PIECE) -> Iterator[tuple[int, bytes]]:
    """Yield offset and bytes of all data of a file, in its order; holes, which read as zeros, are passed over.

    SEEK_DATA of lseek(2) tells where they are; a file system that knows of none calls the whole file data.

    Args:
        path: a regular file that nobody writes to meanwhile.
        piece: bytes that are read at the most at a time.
    """
    descriptor = os.open(path, os.O_RDONLY)
    try:
        for start, end in _extents(descriptor):
            at = start
            while at < end and (held := os.pread(descriptor, min(piece, end - at), at)):
                yield at, held
                at += len(held)
    finally:
        os.close(descriptor)


def _extents(descriptor: int) -> Iterator[tuple[int, int]]:
    end = 0
    while True:
        try:
            start = os.lseek(descriptor, end, os.SEEK_DATA)
        except OSError as error:
            if error.errno == errno.ENXIO:  # there is no more
                return
            raise
        end = os.lseek(descriptor, start, os.SEEK_HOLE)
        yield start, end
