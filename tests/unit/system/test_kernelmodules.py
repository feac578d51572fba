from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from imagekit.diagnostics import Problem
from imagekit.system import kernelmodules
from imagekit.testing.initramfs import pack_initramfs

if TYPE_CHECKING:
    from imagekit.testing.memory import MemoryGuest

OLD, NEW = "6.1.0-9-amd64", "6.1.0-18-amd64"


@pytest.fixture
def guest(debian: MemoryGuest) -> MemoryGuest:
    """A Debian whose newer kernel has vmxnet3, in no initramfs; virtio_blk is in both and in every initramfs."""
    for kernel in (OLD, NEW):
        debian.add(f"/lib/modules/{kernel}/modules.dep", "kernel/virtio_blk.ko:\n")
        debian.add(f"/boot/initrd.img-{kernel}", pack_initramfs({"kernel/virtio_blk.ko": ""}))
    debian.write_append(f"/lib/modules/{NEW}/modules.dep", "kernel/vmxnet3.ko:\n")
    return debian


def make_images(guest: MemoryGuest, *names: str) -> None:
    image = pack_initramfs({f"kernel/{name}.ko": "" for name in ("virtio_blk", *names)})
    guest.answer(lambda argv, _env: guest.write(f"/boot/initrd.img-{argv[-1]}", image) or 0)


def test_a_module_that_any_kernel_has_is_available(guest: MemoryGuest) -> None:
    kernelmodules.check_available(guest, ("vmxnet3", "virtio-blk"), "load")


def test_a_module_that_no_kernel_has_is_told_at_its_place(guest: MemoryGuest) -> None:
    with pytest.raises(Problem, match="'hv_vmbus'") as caught:
        kernelmodules.check_available(guest, ("vmxnet3", "hv_vmbus"), "load")

    assert (caught.value.field, caught.value.code) == ("load[1]", "IK-MOD-001")


def test_what_is_loaded_already_is_not_listed_again(guest: MemoryGuest) -> None:
    guest.add("/etc/modules", "# kernel modules\nloop\n")
    guest.add("/usr/lib/modules-load.d/x.conf", "br-netfilter\n")

    kernelmodules.load_at_boot(guest, ("loop", "br_netfilter", "overlay"))
    kernelmodules.load_at_boot(guest, ("nbd", "overlay"))

    assert guest.read_file("/etc/modules-load.d/imagekit.conf") == b"overlay\nnbd\n"


def test_what_is_denied_is_denied_to_devices_and_by_name(guest: MemoryGuest) -> None:
    first = kernelmodules.deny(guest, ("floppy",))

    assert (first, kernelmodules.deny(guest, ("floppy",))) == (True, False)
    assert guest.read_file("/etc/modprobe.d/imagekit.conf") == b"blacklist floppy\ninstall floppy /bin/false\n"


def test_only_the_initramfs_that_lacks_a_module_of_its_kernel_is_made_anew(guest: MemoryGuest) -> None:
    make_images(guest, "vmxnet3")

    kernelmodules.put_into_initramfs(guest, ("vmxnet3", "virtio_blk"), "initramfs")

    assert [one.argv[1:] for one in guest.commands] == [("-u", "-k", NEW)]
    assert guest.read_file("/etc/initramfs-tools/modules").endswith(b"\nvmxnet3\n")


def test_nothing_runs_if_nothing_is_lacking(guest: MemoryGuest) -> None:
    kernelmodules.put_into_initramfs(guest, ("virtio_blk",), "initramfs")

    assert guest.commands == []


def test_every_initramfs_is_made_anew_if_asked(guest: MemoryGuest) -> None:
    make_images(guest)

    kernelmodules.put_into_initramfs(guest, (), "deny", anew=True)

    assert [one.argv[-1] for one in guest.commands] == [OLD, NEW]


def test_a_generator_that_leaves_a_module_out_is_told(guest: MemoryGuest) -> None:
    make_images(guest)

    with pytest.raises(Problem, match=f"{NEW} still lacks vmxnet3") as caught:
        kernelmodules.put_into_initramfs(guest, ("vmxnet3",), "initramfs")

    assert (caught.value.field, caught.value.code) == ("initramfs", "IK-MOD-002")
