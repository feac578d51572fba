"""What the parts of the contract share: a fresh directory for each test, and tars to unpack."""
# ruff: noqa: D102  pytest wants methods; a test's name is its sentence

from __future__ import annotations

import io
import tarfile
import uuid
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from imagekit.guest.protocol import Guest

FIVE_MIB = bytes(range(256)) * (5 << 12)
"""More than one message of the appliance's protocol holds (4 MiB)."""


class PlaceContract:
    """The root of the parts: gives each test an empty directory that no other test uses."""

    @pytest.fixture
    def guest(self) -> Guest:
        raise NotImplementedError("a subclass of the contract gives the guest")

    @pytest.fixture
    def place(self, guest: Guest) -> Iterator[str]:
        place = f"/contract/{uuid.uuid4().hex}"
        guest.mkdir_p(place)
        yield place
        guest.rm_rf(place)


def make_tar(path: Path, members: dict[str, str | bytes | None]) -> Path:
    """Write a tar: bytes are a file (1000:100, 0640), None is a directory (0750), text is a symbolic link."""
    with tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as archive:
        for name, what in members.items():
            member = tarfile.TarInfo(name)
            member.uid, member.gid, member.mode = 1000, 100, 0o640
            if what is None:
                member.type, member.mode = tarfile.DIRTYPE, 0o750
            elif isinstance(what, str):
                member.type, member.linkname = tarfile.SYMTYPE, what
            else:
                member.size = len(what)
            archive.addfile(member, io.BytesIO(what if isinstance(what, bytes) else b""))
    return path
