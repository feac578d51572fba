from __future__ import annotations

import pytest

from imagekit.system.initramfs.images import NoInitramfs, image_of, images_of, package_base, preset_images
from imagekit.testing.memory import Link, MemoryGuest

VERSION = "6.11.5-1"
BASE = {f"/usr/lib/modules/{VERSION}/pkgbase": "linux\n"}


@pytest.mark.parametrize(
    ("name", "kernel", "images"),
    [
        ("debian", "6.1.0-18-amd64", ("/boot/initrd.img-6.1.0-18-amd64",)),
        ("rocky", "5.14.0-427.9.1.el9_4.x86_64", ("/boot/initramfs-5.14.0-427.9.1.el9_4.x86_64.img",)),
        ("opensuse", "6.4.0-150600.23.25-default", ("/boot/initrd-6.4.0-150600.23.25-default",)),
        ("arch", "6.11.5-arch1-1", ("/boot/initramfs-linux.img",)),
        ("alpine", "6.6.58-0-virt", ("/boot/initramfs-virt",)),
    ],
)
def test_each_distribution_has_its_own_name(request, name: str, kernel: str, images: tuple[str, ...]) -> None:
    assert images_of(request.getfixturevalue(name), kernel) == images


@pytest.mark.parametrize("root", ["/boot", "/boot/efi", "/efi"])
@pytest.mark.parametrize("token", ["0123456789abcdef0123456789abcdef", "fedora"])
def test_kernel_install_puts_one_folder_a_version(root: str, token: str) -> None:
    path = f"{root}/{token}/{VERSION}/initrd"

    assert images_of(MemoryGuest({path: "", f"{root}/{token}/6.0/initrd": ""}), VERSION) == (path,)


def test_a_preset_says_where_its_images_are_and_the_default_is_first() -> None:
    preset = "ALL_kver='/boot/vmlinuz-linux'\nPRESETS=('default' 'fallback')\n#old_image='/boot/old'\n"
    preset += 'default_image="/efi/arch/initramfs.img"\nfallback_image="/efi/arch/fallback.img"\n'
    guest = MemoryGuest({**BASE, "/etc/mkinitcpio.d/linux.preset": preset, "/efi/arch/fallback.img": ""})

    assert preset_images(guest, "linux") == ("/efi/arch/initramfs.img", "/efi/arch/fallback.img")
    assert images_of(guest, VERSION) == ("/efi/arch/fallback.img",)


def test_without_a_preset_the_usual_two_are_meant() -> None:
    assert preset_images(MemoryGuest(BASE), "linux") == (
        "/boot/initramfs-linux.img",
        "/boot/initramfs-linux-fallback.img",
    )


@pytest.mark.parametrize("text", ["", "../../etc/x\n", "linux; reboot\n"])
def test_what_cannot_be_a_package_is_none(text: str) -> None:
    assert package_base(MemoryGuest({f"/usr/lib/modules/{VERSION}/pkgbase": text}), VERSION) == ""


def test_an_image_may_be_a_link_and_rescue_images_are_of_no_version() -> None:
    guest = MemoryGuest(
        {"/boot/real": "", f"/boot/initrd-{VERSION}": Link("real"), "/boot/initramfs-0-rescue-fedora.img": ""}
    )

    assert image_of(guest, VERSION) == f"/boot/initrd-{VERSION}"
    assert images_of(guest, VERSION) == (f"/boot/initrd-{VERSION}",)


def test_a_kernel_without_one_is_told() -> None:
    with pytest.raises(NoInitramfs, match=VERSION):
        image_of(MemoryGuest({"/boot/initrd-6.0": ""}), VERSION)
