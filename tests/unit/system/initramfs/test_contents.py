from __future__ import annotations

import contextlib
import gzip
import lzma

import pytest
from hypothesis import given, strategies as st

from imagekit.system.initramfs.contents import InitramfsUnreadable, Limits, contents_of, read_contents
from imagekit.system.initramfs.stream import BadArchive
from imagekit.testing.initramfs import pack_initramfs, pack_member
from imagekit.testing.memory import Link, MemoryGuest

MICROCODE = pack_initramfs({"kernel/x86/microcode/GenuineIntel.bin": bytes(300)})
MAIN = pack_initramfs(
    {
        "etc/machine-id": "0123456789abcdef0123456789abcdef\n",
        "etc/hostname": "old\n",
        "usr/lib/modules/6.1/kernel/virtio_blk.ko.zst": "module",
        "usr/lib/modules/6.1/kernel/xen-blkfront.ko": "module",
    }
)
WITH_MICROCODE = MICROCODE + bytes(-len(MICROCODE) % 512) + gzip.compress(MAIN, mtime=0)


def read(data: bytes, *wanted: str, limits: Limits | None = None):
    return read_contents((data[i : i + 50] for i in range(0, len(data), 50)), wanted, limits)


def test_everything_behind_the_microcode_is_seen_too() -> None:
    found = read(WITH_MICROCODE, "etc/*")

    assert {"kernel/x86/microcode/GenuineIntel.bin", "etc/machine-id"} < found.names
    assert found.modules == {"virtio_blk", "xen_blkfront"}
    assert found.files == {"etc/machine-id": b"0123456789abcdef0123456789abcdef\n", "etc/hostname": b"old\n"}


@pytest.mark.parametrize(
    "data",
    [
        MAIN,
        bytes(8) + MAIN + bytes(700),
        lzma.compress(MAIN + bytes(700)),
        gzip.compress(bytes(512) + MICROCODE + bytes(512) + MAIN, mtime=0),
        MICROCODE + MICROCODE + gzip.compress(MICROCODE, mtime=0) + bytes(4) + lzma.compress(MAIN) + bytes(4),
    ],
)
def test_archives_may_be_padded_and_stand_behind_each_other(data: bytes) -> None:
    assert "etc/machine-id" in read(data).names


def test_nothing_is_kept_that_is_not_asked_for() -> None:
    assert read(MAIN).files == {}
    assert set(read(MAIN, "etc/machine-*", "*.ko").files) == {
        "etc/machine-id",
        "usr/lib/modules/6.1/kernel/xen-blkfront.ko",
    }


def test_a_later_file_of_the_same_name_counts() -> None:
    found = read(MAIN + pack_initramfs({"etc/hostname": "new\n"}), "etc/hostname")

    assert found.files == {"etc/hostname": b"new\n"}


def test_the_names_of_one_file_share_what_its_last_one_brings() -> None:
    linked = pack_member("etc/a", links=2, inode=7) + pack_member("etc/b", b"both", links=2, inode=7)

    found = read(linked + pack_member("etc/c", links=2, inode=8) + pack_initramfs({}), "etc/a")

    assert found.files == {"etc/a": b"both"}
    assert found.names == {"etc/a", "etc/b", "etc/c"}


def test_what_is_no_regular_file_has_no_content() -> None:
    link = pack_member("etc/machine-id", b"../run/machine-id", mode=0o120777)

    assert read(link + pack_initramfs({}), "etc/machine-id").files == {}


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (bytes(1000), "empty"),
        (b"#!/bin/sh\n", "no archive"),
        (MAIN + b"junk", "no archive"),
        (gzip.compress(b"no archive", mtime=0), "compressed part"),
        (MAIN[:-60], "ends"),
        (WITH_MICROCODE[:-60], "ends"),
    ],
)
def test_what_is_no_initramfs_is_one_clear_error(data: bytes, reason: str) -> None:
    with pytest.raises(BadArchive, match=reason):
        read(data)


@pytest.mark.parametrize(
    ("data", "limits", "reason"),
    [
        (MAIN, Limits(stored=100), "more than 0 MiB"),
        (
            gzip.compress(pack_initramfs({"zeros": bytes(2 << 20)}), mtime=0),
            Limits(expanded=1 << 20),
            "more than 1 MiB",
        ),
        (gzip.compress(bytes(2 << 20), mtime=0), Limits(expanded=1 << 20), "more than 1 MiB"),
        (MAIN + MAIN, Limits(members=7), "more than 7 members"),
        (MAIN, Limits(kept=10), "etc/machine-id is larger"),
    ],
)
def test_a_bomb_ends_at_its_limit(data: bytes, limits: Limits, reason: str) -> None:
    with pytest.raises(BadArchive, match=reason):
        read(data, "etc/machine-id", limits=limits)


@given(st.binary(max_size=300), st.integers(0, len(WITH_MICROCODE)))
def test_no_bytes_whatever_are_more_than_an_error(noise: bytes, at: int) -> None:
    data = WITH_MICROCODE[:at] + noise + WITH_MICROCODE[at + len(noise) :]

    with contextlib.suppress(BadArchive):
        assert read(data).names


def test_an_image_of_a_guest_is_read_through_its_links() -> None:
    guest = MemoryGuest({"/boot/initrd.img-6.1": WITH_MICROCODE, "/initrd.img": Link("boot/initrd.img-6.1")})

    assert contents_of(guest, "/initrd.img", ("etc/hostname",)).files == {"etc/hostname": b"old\n"}


def test_an_error_names_the_image() -> None:
    guest = MemoryGuest({"/boot/initrd": b"nothing"})

    with pytest.raises(InitramfsUnreadable, match="/boot/initrd cannot be read") as caught:
        contents_of(guest, "/boot/initrd")

    assert (caught.value.path, caught.value.exit_status) == ("/boot/initrd", 4)
