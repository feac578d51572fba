from __future__ import annotations

from imagekit.system.initramfs.contents import read_contents
from imagekit.testing.initramfs import pack_initramfs, pack_member


def test_what_is_packed_is_what_is_read() -> None:
    found = read_contents(iter([pack_initramfs({"etc/hostname": "old\n", "bin/é": b""})]), ("etc/*",))

    assert found.names == {"etc/hostname", "bin/é"}
    assert found.files == {"etc/hostname": b"old\n"}


def test_every_member_ends_at_a_multiple_of_four() -> None:
    sizes = {len(pack_member("a" * length, bytes(size))) % 4 for length in range(1, 6) for size in range(5)}

    assert sizes == {0}
