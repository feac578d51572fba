from __future__ import annotations

import pytest

from imagekit.guest.kernels import installed_kernels
from imagekit.testing.memory import MemoryGuest

DEBIAN = "6.1.0-21-amd64"


@pytest.mark.parametrize(
    ("version", "image"),
    [
        (DEBIAN, f"/boot/vmlinuz-{DEBIAN}"),
        (DEBIAN, f"/lib/modules/{DEBIAN}/vmlinuz"),
        (DEBIAN, f"/usr/lib/modules/{DEBIAN}/vmlinuz"),
        (DEBIAN, f"/boot/debian/{DEBIAN}/linux"),
        (DEBIAN, f"/efi/0123456789abcdef0123456789abcdef/{DEBIAN}/linux"),
        ("6.6.31-0-virt", "/boot/vmlinuz-virt"),
    ],
)
@pytest.mark.parametrize("home", ["/lib/modules", "/usr/lib/modules"])
def test_a_kernel_is_a_folder_of_modules_and_an_image(home: str, version: str, image: str) -> None:
    guest = MemoryGuest({f"{home}/{version}/modules.dep": "", image: ""})

    assert installed_kernels(guest) == (version,)


def test_a_folder_that_a_removed_kernel_left_is_no_kernel() -> None:
    guest = MemoryGuest({"/lib/modules/6.1.0-9-amd64/modules.dep": "", f"/boot/vmlinuz-{DEBIAN}": ""})

    assert installed_kernels(guest) == ()


def test_the_newest_kernel_comes_last_and_names_of_no_version_are_none(debian: MemoryGuest) -> None:
    debian.add("/lib/modules/extramodules/vmlinuz", "")
    debian.add("/lib/modules/6; reboot/vmlinuz", "")

    assert installed_kernels(debian) == ("6.1.0-9-amd64", "6.1.0-18-amd64")
