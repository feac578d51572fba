from __future__ import annotations

import pytest

from imagekit.system.bootloader import grubenv
from imagekit.system.bootloader.entries import default_entry, entries, kernelopts
from imagekit.testing.memory import MemoryGuest

ROOT = "root=UUID=11111111-2222-4333-8444-555555555555"


@pytest.mark.parametrize(
    ("name", "loader", "kernels", "arguments"),
    [
        ("debian", "grub", ["vmlinuz-6.1.0-18-amd64", "vmlinuz-6.1.0-9-amd64"], (ROOT, "ro", "quiet")),
        ("ubuntu", "grub", ["vmlinuz-6.8.0-100-generic", "vmlinuz-6.8.0-45-generic"], (ROOT, "ro", "quiet")),
        ("fedora", "bls", ["vmlinuz-6.11.10-300.fc41.x86_64", "vmlinuz-6.11.4-301.fc41.x86_64"], (ROOT, "ro")),
        ("opensuse", "grub", ["vmlinuz-6.4.0-150600.23.25-default"], (ROOT,)),
        ("arch", "grub", ["vmlinuz-linux"], (ROOT, "rw")),
        ("alpine", "extlinux", ["vmlinuz-virt"], (ROOT, "modules=sd-mod,usb-storage,ext4", "quiet")),
    ],
)
def test_every_distribution_has_its_entries_the_default_among_them(
    request, name: str, loader: str, kernels: list[str], arguments: tuple[str, ...]
) -> None:
    guest = request.getfixturevalue(name)
    found = entries(guest)

    assert {entry.loader for entry in found} == {loader}
    assert [entry.kernel.rpartition("/")[2] for entry in found] == kernels
    assert found[0].arguments == arguments
    assert default_entry(guest) == found[0]
    assert all("init" in entry.initrds[0] for entry in found)


def test_grubs_variable_is_filled_in(fedora: MemoryGuest) -> None:
    fedora.write("/boot/grub2/grubenv", grubenv.padded(grubenv.SIGNATURE + "kernelopts=quiet splash\n"))

    assert kernelopts(fedora) == "quiet splash"
    assert entries(fedora)[0].arguments == (ROOT, "ro", "quiet", "splash")


def test_a_variable_may_have_its_value_in_the_configuration(fedora: MemoryGuest) -> None:
    fedora.write("/boot/grub2/grub.cfg", 'set kernelopts="a b"\nblscfg\n')

    assert kernelopts(fedora) == "a b"


def test_the_saved_entry_is_the_default(rocky: MemoryGuest) -> None:
    older = entries(rocky)[1]
    rocky.write("/boot/grub2/grubenv", f"{grubenv.SIGNATURE}saved_entry={older.name}\n")

    assert default_entry(rocky) == older


@pytest.mark.parametrize(
    ("value", "position"), [("1", 1), ("advanced>second", 1), ("0", 0), ("7", 0), ("gone", 0), ("", 0)]
)
def test_the_default_of_grub_is_a_position_or_a_name(value: str, position: int) -> None:
    config = f"set default='{value}'\nmenuentry first {{\nlinux /a\n}}\nmenuentry second {{\nlinux /b\n}}\n"
    guest = MemoryGuest({"/boot/grub/grub.cfg": config})

    assert default_entry(guest) == entries(guest)[position]


def test_systemd_boot_takes_a_pattern_else_the_newest() -> None:
    guest = MemoryGuest({f"/efi/loader/entries/arch-6.{minor}.conf": "linux /l\n" for minor in (9, 10)})
    newest = default_entry(guest)
    guest.add("/efi/loader/loader.conf", "timeout 3\ndefault arch-6.9*\n")
    chosen = default_entry(guest)

    assert newest
    assert chosen
    assert (newest.name, chosen.name) == ("arch-6.10", "arch-6.9")


def test_a_guest_without_entries_has_no_default() -> None:
    assert default_entry(MemoryGuest()) is None
