from __future__ import annotations

import pytest

from imagekit.diagnostics import Problem
from imagekit.system.bootloader.loaders import loaders, regular, supported_loaders
from imagekit.testing.memory import Link, MemoryGuest


@pytest.mark.parametrize(
    ("name", "there"),
    [
        ("debian", ("grub",)),
        ("ubuntu", ("grub",)),
        ("fedora", ("bls", "grub")),
        ("rocky", ("bls", "grub")),
        ("opensuse", ("grub",)),
        ("arch", ("grub",)),
        ("alpine", ("extlinux",)),
    ],
)
def test_each_distribution_has_its_own(request, name: str, there: tuple[str, ...]) -> None:
    assert supported_loaders(request.getfixturevalue(name)) == there


@pytest.mark.parametrize("root", ["/boot", "/boot/efi", "/efi"])
def test_entries_without_grub_are_those_of_systemd_boot(root: str) -> None:
    assert loaders(MemoryGuest({f"{root}/loader/entries/a.conf": ""})) == ("systemd-boot",)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/boot/grub/menu.lst", "GRUB legacy"),
        ("/boot/grub/grub.conf", "GRUB legacy"),
        ("/etc/lilo.conf", "LILO"),
        ("/efi/EFI/Linux/arch.efi", "unified kernel image"),
    ],
)
def test_what_is_not_supported_is_refused_by_its_name(path: str, name: str) -> None:
    with pytest.raises(Problem, match=name) as caught:
        supported_loaders(MemoryGuest({path: ""}), "add")

    assert (caught.value.field, caught.value.code) == ("add", "IK-BOOT-001")


def test_a_guest_without_one_is_told() -> None:
    with pytest.raises(Problem, match="no boot loader"):
        supported_loaders(MemoryGuest())


def test_a_file_that_links_lead_to_is_there_once_and_what_is_no_file_never() -> None:
    guest = MemoryGuest(
        {
            "/boot/efi/EFI/fedora/grubenv": "",
            "/boot/grub2/grubenv": Link("../efi/EFI/fedora/grubenv"),
            "/boot/grub/grubenv/x": "",
            "/boot/grub3/grubenv": Link("nowhere"),
        }
    )

    assert regular(guest, "/boot/{grub,grub2,grub3}/grubenv", "/boot/efi/EFI/*/grubenv") == (
        "/boot/efi/EFI/fedora/grubenv",
    )
