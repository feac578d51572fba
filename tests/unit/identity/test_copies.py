from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from imagekit.identity.catalogue import load_catalogue
from imagekit.identity.copies import copies_of, kernels_with
from imagekit.system.initramfs.contents import InitramfsUnreadable
from imagekit.testing.initramfs import pack_initramfs

if TYPE_CHECKING:
    from imagekit.testing.memory import MemoryGuest

ITEMS = load_catalogue()
OLD, NEW = "5.14.0-427.9.1.el9_4.x86_64", "5.14.0-427.13.1.el9_4.x86_64"
ID = b"0123456789abcdef0123456789abcdef\n"


def image(kernel: str) -> str:
    return f"/boot/initramfs-{kernel}.img"


def test_a_copy_of_the_machine_id_is_found_with_the_kernel_that_has_it(rocky: MemoryGuest) -> None:
    rocky.add(image(NEW), pack_initramfs({"etc/machine-id": ID, "etc/hostname": "old\n"}))
    rocky.add(image(OLD), pack_initramfs({"etc/machine-id": b""}))

    found = copies_of(rocky, ITEMS)

    assert found == {"machine-id": (f"{image(NEW)}: etc/machine-id",)}
    assert kernels_with(rocky, found) == (NEW,)
    assert kernels_with(rocky, {}) == ()


@pytest.mark.parametrize("content", [b"", b"\n", b"uninitialized\n", b"0" * 32])
def test_a_blank_copy_is_none(rocky: MemoryGuest, content: bytes) -> None:
    rocky.add(image(NEW), pack_initramfs({"etc/machine-id": content}))

    assert copies_of(rocky, ITEMS) == {}


def test_only_the_items_that_are_asked_for_are_looked_for(rocky: MemoryGuest) -> None:
    rocky.add(image(NEW), pack_initramfs({"etc/machine-id": ID}))

    assert copies_of(rocky, [item for item in ITEMS if item.id == "ssh-host-keys"]) == {}


def test_host_keys_of_a_server_in_the_initramfs_are_found(rocky: MemoryGuest) -> None:
    rocky.add("/usr/lib/dracut/modules.d/60crypt-ssh/module-setup.sh", "")
    rocky.add(image(OLD), pack_initramfs({"etc/dropbear/dropbear_rsa_host_key": b"k", "etc/ssh/ssh_config": b"x"}))

    assert copies_of(rocky, ITEMS) == {"ssh-host-keys": (f"{image(OLD)}: etc/dropbear/dropbear_rsa_host_key",)}


@pytest.mark.parametrize("name", ["debian", "ubuntu", "arch", "alpine"])
def test_no_image_is_read_where_none_would_be_copied(request, name: str) -> None:
    guest = request.getfixturevalue(name)
    for path in guest.glob_expand("/boot/init*"):
        guest.add(path, b"damaged")

    assert copies_of(guest, ITEMS) == {}


def test_an_image_that_cannot_be_read_is_told(fedora: MemoryGuest) -> None:
    for path in fedora.glob_expand("/boot/init*"):
        fedora.add(path, b"damaged")

    with pytest.raises(InitramfsUnreadable):
        copies_of(fedora, ITEMS)
