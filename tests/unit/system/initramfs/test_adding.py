from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from imagekit.diagnostics import Problem
from imagekit.system.initramfs.adding import add_modules
from imagekit.testing.memory import Dir, MemoryGuest

if TYPE_CHECKING:
    from imagekit.guest.protocol import Guest


def text(guest: Guest, path: str) -> str:
    return guest.read_file(path).decode()


@pytest.fixture
def alpine_with_modules(alpine: MemoryGuest) -> MemoryGuest:
    listed = "kernel/drivers/scsi/hv_storvsc.ko.gz: kernel/x.ko.gz\nkernel/drivers/net/vmxnet3/vmxnet3.ko.gz:\n"
    alpine.add("/lib/modules/6.6.58-0-virt/modules.dep", listed)
    return alpine


def test_initramfs_tools_has_one_module_a_line(debian: MemoryGuest) -> None:
    debian.write("/etc/initramfs-tools/modules", "# one\nraid1 debug=1 # why\nhv-vmbus")

    assert add_modules(debian, ("hv_storvsc", "raid1", "hv_vmbus"))
    assert text(debian, "/etc/initramfs-tools/modules") == "# one\nraid1 debug=1 # why\nhv-vmbus\nhv_storvsc\n"


@pytest.mark.parametrize("name", ["fedora", "rocky", "opensuse"])
def test_dracut_has_a_file_of_ours_with_spaces_inside_the_quotes(request, name: str) -> None:
    guest = request.getfixturevalue(name)
    add_modules(guest, ("hv_vmbus",))
    add_modules(guest, ("xen-blkfront", "hv-vmbus"))

    assert text(guest, "/etc/dracut.conf.d/90-imagekit.conf") == 'add_drivers+=" hv_vmbus xen_blkfront "\n'


def test_mkinitcpio_has_a_file_of_ours_where_it_reads_one(arch: MemoryGuest) -> None:
    arch.add("/etc/mkinitcpio.conf.d", Dir())
    arch.write("/etc/mkinitcpio.conf", "MODULES=(ext4\n  vmw_pvscsi)\nHOOKS=(base)\n")

    assert add_modules(arch, ("vmxnet3", "vmw-pvscsi"))
    assert text(arch, "/etc/mkinitcpio.conf.d/90-imagekit.conf") == "MODULES+=(vmxnet3)\n"
    assert not add_modules(arch, ("vmxnet3", "vmw-pvscsi"))


def test_an_older_mkinitcpio_has_its_one_file_added_to(arch: MemoryGuest) -> None:
    before = text(arch, "/etc/mkinitcpio.conf")

    assert add_modules(arch, ("vmxnet3",))
    assert text(arch, "/etc/mkinitcpio.conf") == before + "MODULES+=(vmxnet3)\n"


def test_mkinitfs_has_a_feature_of_ours(alpine_with_modules: MemoryGuest) -> None:
    guest = alpine_with_modules

    assert add_modules(guest, ("hv-storvsc", "vmxnet3", "unheard_of"))
    assert text(guest, "/etc/mkinitfs/features.d/imagekit.modules") == (
        "kernel/drivers/scsi/hv_storvsc.ko*\nkernel/drivers/net/vmxnet3/vmxnet3.ko*\n"
    )
    assert text(guest, "/etc/mkinitfs/mkinitfs.conf").endswith(' usb virtio imagekit"\n')


def test_mkinitfs_is_left_as_it_is_if_no_kernel_has_the_module(alpine: MemoryGuest) -> None:
    assert not add_modules(alpine, ("unheard_of",))
    assert not alpine.exists("/etc/mkinitfs/features.d/imagekit.modules")


@pytest.mark.parametrize("name", ["debian", "ubuntu", "fedora", "opensuse", "arch", "alpine_with_modules"])
def test_adding_twice_changes_nothing(request, name: str) -> None:
    guest = request.getfixturevalue(name)
    first = add_modules(guest, ("vmxnet3", "hv_storvsc"))
    files = {path: guest.read_file(path) for path in guest.find("/etc") if guest.is_file(path)}

    assert (first, add_modules(guest, ("hv_storvsc", "vmxnet3"))) == (True, False)
    assert {path: guest.read_file(path) for path in guest.find("/etc") if guest.is_file(path)} == files


def test_nothing_to_add_needs_no_generator() -> None:
    assert not add_modules(MemoryGuest(), ())


def test_a_guest_that_makes_no_initramfs_is_told() -> None:
    with pytest.raises(Problem):
        add_modules(MemoryGuest(), ("vmxnet3",))
