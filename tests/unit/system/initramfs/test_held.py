from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest

from imagekit.system.initramfs.contents import InitramfsUnreadable
from imagekit.system.initramfs.held import Copy, copies, drivers_missing
from imagekit.system.initramfs.images import NoInitramfs
from imagekit.testing.initramfs import pack_initramfs

if TYPE_CHECKING:
    from imagekit.testing.memory import MemoryGuest

KERNEL = "6.1.0-18-amd64"
IMAGE = f"/boot/initrd.img-{KERNEL}"
ID = b"d1200000000040008000000000000012\n"
WANTED = ("virtio-blk", "xen_blkfront", "nvme", "ena")


@pytest.fixture
def guest(debian: MemoryGuest) -> MemoryGuest:
    files = {"usr/lib/modules/virtio_blk.ko.xz": "", "usr/lib/modules/xen-blkfront.ko": "", "etc/machine-id": ID}
    debian.add(IMAGE, gzip.compress(pack_initramfs(files)))
    debian.add("/boot/initrd.img-6.1.0-9-amd64", pack_initramfs({"etc/machine-id": b"", "etc/hostid": b"1234"}))
    debian.add(f"/lib/modules/{KERNEL}/modules.builtin", "kernel/drivers/nvme/host/nvme.ko\n")
    return debian


def test_what_is_inside_or_built_in_is_not_missing(guest: MemoryGuest) -> None:
    assert drivers_missing(guest, KERNEL, WANTED) == ("ena",)


def test_an_image_is_only_read_for_what_is_not_built_in(guest: MemoryGuest) -> None:
    guest.add(IMAGE, b"damaged")

    assert drivers_missing(guest, KERNEL, ("nvme",)) == ()
    with pytest.raises(InitramfsUnreadable):
        drivers_missing(guest, KERNEL, ("ena",))


def test_a_kernel_without_an_initramfs_is_told(guest: MemoryGuest) -> None:
    guest.rm_f(IMAGE)

    with pytest.raises(NoInitramfs):
        drivers_missing(guest, KERNEL, ("ena",))


def test_identities_in_the_initramfs_of_any_kernel_are_found_and_blank_ones_are_none(guest: MemoryGuest) -> None:
    assert copies(guest) == (
        Copy("/boot/initrd.img-6.1.0-9-amd64", "etc/hostid", b"1234"),
        Copy(IMAGE, "etc/machine-id", ID),
    )
    assert copies(guest, ("etc/hostid",)) == (Copy("/boot/initrd.img-6.1.0-9-amd64", "etc/hostid", b"1234"),)


def test_an_image_that_is_an_empty_file_holds_nothing(guest: MemoryGuest) -> None:
    guest.add(IMAGE, b"")

    assert [copy.path for copy in copies(guest)] == ["etc/hostid"]
