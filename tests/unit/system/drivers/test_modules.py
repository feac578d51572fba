from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from imagekit.diagnostics import Problem
from imagekit.system.drivers import modules
from imagekit.testing.initramfs import pack_initramfs

if TYPE_CHECKING:
    from imagekit.testing.memory import MemoryGuest

KERNEL = "6.12.48+deb13-amd64"
XEN = "kernel/xen-blkfront.ko.xz:\nkernel/xen-netfront.ko.xz:\n"
IMAGE = f"/boot/initrd.img-{KERNEL}"


@pytest.fixture
def guest(debian13: MemoryGuest) -> MemoryGuest:
    """A Debian whose kernel has Xen's drivers, none of which is in its initramfs."""
    debian13.add(f"/lib/modules/{KERNEL}/modules.dep", XEN)
    debian13.add(IMAGE, pack_initramfs({"kernel/ext4.ko": ""}))
    return debian13


def make_image(guest: MemoryGuest, *names: str) -> None:
    guest.answer(lambda _argv, _env: guest.write(IMAGE, pack_initramfs({f"{name}.ko": "" for name in names})) or 0)


def test_a_kernel_with_the_drivers_is_good(guest: MemoryGuest) -> None:
    modules.check_kernels(guest, ("xen",))


def test_a_kernel_without_a_driver_for_the_network_is_told(guest: MemoryGuest) -> None:
    guest.write(f"/lib/modules/{KERNEL}/modules.dep", "kernel/xen-blkfront.ko.xz:\n")

    with pytest.raises(Problem, match="no driver for the network of Xen") as caught:
        modules.check_kernels(guest, ("xen",))

    assert (caught.value.field, caught.value.code) == ("platforms[0]", "IK-DRV-007")
    assert "xen_netfront" in caught.value.why


def test_a_kernel_without_a_list_of_modules_is_not_judged_and_told_of(debian13: MemoryGuest) -> None:
    modules.check_kernels(debian13, ("xen",))

    assert list(modules.remarks(debian13, ("xen",))) == [
        f"kernel {KERNEL} has no list of its modules, so its drivers could not be looked at"
    ]


def test_what_would_be_of_use_is_told_of(guest: MemoryGuest) -> None:
    assert list(modules.remarks(guest, ("xen",))) == [f"kernel {KERNEL} has no xen_pcifront, which Xen has a use for"]


def test_a_guest_without_a_kernel_is_told_of(debian13: MemoryGuest) -> None:
    debian13.rm_f(f"/boot/vmlinuz-{KERNEL}")

    assert list(modules.remarks(debian13, ("kvm",))) == [
        "there is no kernel in this image, so no drivers were looked at"
    ]


def test_drivers_of_the_network_need_no_place_in_the_initramfs(guest: MemoryGuest) -> None:
    guest.write(IMAGE, pack_initramfs({"kernel/xen-blkfront.ko.xz": ""}))

    modules.put_into_initramfs(guest, ("xen",))

    assert guest.commands == []


@pytest.mark.parametrize("path", ["/etc/initramfs-tools/initramfs.conf", "/etc/initramfs-tools/conf.d/driver-policy"])
def test_what_looks_at_the_machine_it_runs_on_is_told_not_to(guest: MemoryGuest, path: str) -> None:
    guest.add(path, "MODULES=dep\n")
    make_image(guest, "xen_blkfront")

    modules.put_into_initramfs(guest, ("xen",))

    assert guest.read_file(path) == b"MODULES=most\n"
    assert [one.argv[1:] for one in guest.commands] == [("-u", "-k", KERNEL)]


def test_a_policy_stays_where_nothing_is_missing(guest: MemoryGuest) -> None:
    guest.write("/etc/initramfs-tools/initramfs.conf", "MODULES=dep\n")
    guest.write(IMAGE, pack_initramfs({"kernel/xen-blkfront.ko.xz": ""}))

    modules.put_into_initramfs(guest, ("xen",))

    assert guest.read_file("/etc/initramfs-tools/initramfs.conf") == b"MODULES=dep\n"


def test_what_is_left_out_of_a_new_initramfs_is_told(guest: MemoryGuest) -> None:
    make_image(guest, "ext4")

    with pytest.raises(Problem, match="still lacks xen_blkfront"):
        modules.put_into_initramfs(guest, ("xen",))
