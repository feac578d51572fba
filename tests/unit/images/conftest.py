"""qcow2 files made byte by byte, so that each header field can be wrong on purpose."""

from __future__ import annotations

import os
import struct
from typing import TYPE_CHECKING, Protocol

import pytest

from imagekit.images.info import ImageInfo

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

CLUSTER = 512
FIELDS = {
    "magic": (0, ">4s"),
    "version": (4, ">I"),
    "backing_offset": (8, ">Q"),
    "backing_size": (16, ">I"),
    "cluster_bits": (20, ">I"),
    "size": (24, ">Q"),
    "crypt_method": (32, ">I"),
    "l1_size": (36, ">I"),
    "l1_offset": (40, ">Q"),
    "refcount_offset": (48, ">Q"),
    "refcount_clusters": (56, ">I"),
    "snapshots": (60, ">I"),
    "snapshots_offset": (64, ">Q"),
    "incompatible": (72, ">Q"),
    "refcount_order": (96, ">I"),
    "header_length": (100, ">I"),
    "compression": (104, ">B"),
}


class MakeQcow2(Protocol):
    def __call__(
        self,
        *,
        version: int = 3,
        backing: bytes = b"",
        extensions: Iterable[tuple[int, bytes]] = (),
        **fields: int | bytes,
    ) -> bytes: ...


def qcow2_bytes(
    *,
    version: int = 3,
    backing: bytes = b"",
    extensions: Iterable[tuple[int, bytes]] = (),
    **fields: int | bytes,
) -> bytes:
    """Return a sound empty qcow2 of 64 KiB with clusters of 512 bytes: header, refcounts, L1; then apply ``fields``."""
    image = bytearray(4 * CLUSTER)
    length = 112 if version == 3 else 72
    sound: dict[str, int | bytes] = {
        "magic": b"QFI\xfb",
        "version": version,
        "cluster_bits": 9,
        "size": 65536,
        "l1_size": 2,
        "l1_offset": 3 * CLUSTER,
        "refcount_offset": CLUSTER,
        "refcount_clusters": 1,
    }
    if version == 3:
        sound |= {"refcount_order": 4, "header_length": length}
    struct.pack_into(">Q", image, CLUSTER, 2 * CLUSTER)
    struct.pack_into(">4H", image, 2 * CLUSTER, 1, 1, 1, 1)
    place = length
    for kind, data in extensions:
        struct.pack_into(">II", image, place, kind, len(data))
        image[place + 8 : place + 8 + len(data)] = data
        place += 8 + -(-len(data) // 8) * 8
    if backing:
        sound |= {"backing_offset": place + 8, "backing_size": len(backing)}
        image[place + 8 : place + 8 + len(backing)] = backing
    for name, value in (sound | fields).items():
        offset, layout = FIELDS[name]
        struct.pack_into(layout, image, offset, value)
    return bytes(image)


@pytest.fixture(scope="session")
def qcow2() -> MakeQcow2:
    return qcow2_bytes


@pytest.fixture
def write(tmp_path: Path):
    def put(content: bytes, name: str = "image.qcow2") -> Path:
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return put


@pytest.fixture
def info():
    """Describe a file as if it had been checked."""

    def describe(path: Path, **fields: object) -> ImageInfo:
        found = path.stat()
        known: dict[str, object] = {
            "path": path,
            "format": "qcow2",
            "virtual_size": 65536,
            "file_size": found.st_size,
            "actual_size": found.st_blocks * 512,
            "device": found.st_dev,
            "inode": found.st_ino,
            "mtime_ns": found.st_mtime_ns,
        }
        return ImageInfo.model_validate(known | fields)

    return describe


@pytest.fixture
def fake_qemu_img(tmp_path_factory, monkeypatch):
    """Put a qemu-img on the PATH that does what a test says, in shell; return a reader of the calls it got.

    The calls come through a named pipe, since a tool that may only look must not write to any file.
    """
    folder = tmp_path_factory.mktemp("bin")
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    os.mkfifo(folder / "calls")
    pipe = os.open(folder / "calls", os.O_RDWR | os.O_NONBLOCK)

    def calls() -> list[str]:
        try:
            return os.read(pipe, 65536).decode().splitlines()
        except BlockingIOError:
            return []

    def install(script: str) -> Callable[[], list[str]]:
        program = folder / "qemu-img"
        program.write_text(f'#!/bin/sh\necho "$*" >{folder}/calls\n{script}\n')
        program.chmod(0o755)
        return calls

    yield install
    os.close(pipe)
