from __future__ import annotations

import pytest

from imagekit.system import bootids
from imagekit.system.bootloader import grubenv
from imagekit.testing.memory import Link, MemoryGuest

ID = "0123456789abcdef0123456789abcdef"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f"root=/x systemd.machine_id={ID} quiet", "root=/x quiet"),
        (f'GRUB_CMDLINE_LINUX="systemd.machine_id={ID.upper()}"', 'GRUB_CMDLINE_LINUX=""'),
        ("systemd.machine_id=firmware", "systemd.machine_id=firmware"),
        (f"rd.systemd.machine_idx={ID}", f"rd.systemd.machine_idx={ID}"),
    ],
)
def test_only_a_fixed_id_is_taken_off_a_command_line(before: str, after: str) -> None:
    assert bootids.without_option(before) == after


@pytest.mark.parametrize(
    "path",
    [
        "/boot/grub/grub.cfg",
        "/boot/grub2/grubenv",
        "/boot/extlinux/extlinux.conf",
        "/boot/extlinux.conf",
        "/boot/firmware/cmdline.txt",
        "/boot/loader/entries/a.conf",
        "/efi/loader/entries/a.conf",
        "/boot/efi/loader/entries/a.conf",
        "/etc/default/grub",
        "/etc/default/grub.d/50-x.cfg",
        "/etc/default/u-boot",
        "/etc/kernel/cmdline",
        "/etc/update-extlinux.conf",
    ],
)
def test_every_text_that_makes_a_command_line_is_looked_at(path: str) -> None:
    guest = MemoryGuest({path: f"options systemd.machine_id={ID}\n"})
    before = bootids.fixing_texts(guest)

    bootids.forget(guest, None)

    assert (before, bootids.fixing_texts(guest)) == ((path,), ())


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("/etc/machine-info", f"KERNEL_INSTALL_MACHINE_ID={ID}\nDEPLOYMENT=x\n", "DEPLOYMENT=x\n"),
        ("/etc/kernel/install.conf", f'layout=bls\nMACHINE_ID="{ID}"', "layout=bls\n"),
        ("/etc/kernel/install.conf.d/a.conf", f"MACHINE_ID={ID}\n", ""),
    ],
)
def test_what_names_new_entries_by_a_fixed_id_is_forgotten_too(path: str, before: str, after: str) -> None:
    guest = MemoryGuest({path: before})
    found = bootids.fixing_texts(guest)

    bootids.forget(guest, None)

    assert found == (path,)
    assert guest.read_file(path).decode() == after


def test_a_grub_environment_keeps_its_size_and_its_saved_entry_follows_through_a_link(rocky: MemoryGuest) -> None:
    old = "b0900000000040008000000000000009"
    block = grubenv.padded(f"{grubenv.SIGNATURE}saved_entry={old}-6.1\nkernelopts=ro systemd.machine_id={old}\n")
    rocky.add("/boot/efi/EFI/rocky/grubenv", block)
    rocky.add("/boot/grub2/grubenv", Link("../efi/EFI/rocky/grubenv"))

    bootids.forget(rocky, old)

    after = rocky.read_file("/boot/efi/EFI/rocky/grubenv")
    assert grubenv.variables(after.decode()) == {"saved_entry": "rocky-6.1", "kernelopts": "ro"}
    assert len(after) == 1024
    assert rocky.is_symlink("/boot/grub2/grubenv")


@pytest.mark.parametrize(
    ("token", "release", "name"),
    [
        ("", "ID=rocky\n", "rocky"),
        ("", "ID=rocky\nIMAGE_ID=web\n", "web"),
        ("mine\n", "ID=rocky\nIMAGE_ID=web\n", "mine"),
        (f"{ID}\n", "ID=rocky\n", "rocky"),
        ("a/b\n", "ID=a:b\n", "linux"),
    ],
)
def test_entries_are_named_by_the_token_that_is_set_else_by_the_image(token: str, release: str, name: str) -> None:
    guest = MemoryGuest({f"/boot/loader/entries/{ID}-6.1.conf": "", "/etc/os-release": release})
    guest.add("/usr/bin/kernel-install", "")
    if token:
        guest.add("/etc/kernel/entry-token", token)

    bootids.forget(guest, ID)

    assert guest.ls("/boot/loader/entries") == (f"{name}-6.1.conf",)
    assert ID not in guest.read_file("/etc/kernel/entry-token").decode()


def test_a_folder_of_kernels_joins_the_one_that_has_the_new_name() -> None:
    guest = MemoryGuest({f"/boot/{ID}/6.1/linux": "new", "/boot/rocky/6.0/linux": "", "/etc/os-release": "ID=rocky\n"})
    guest.add("/boot/loader/entries/a.conf", f"linux /{ID}/6.1/linux\n")

    bootids.forget(guest, ID)

    assert guest.ls("/boot/rocky") == ("6.0", "6.1")
    assert guest.read_file("/boot/loader/entries/a.conf") == b"linux /rocky/6.1/linux\n"
    assert bootids.named_by(guest, ID) == ()


def test_what_is_named_by_the_id_is_renamed_where_it_stands_and_where_it_is_meant(rocky: MemoryGuest) -> None:
    old = "b0900000000040008000000000000009"
    rocky.add(f"/boot/vmlinuz-0-rescue-{old}", "kernel")
    rocky.add(f"/boot/efi/{old}/6.1/linux", "kernel")
    rocky.add(f"/boot/loader/entries/{old}-0-rescue.conf", f"machine-id {old}\nlinux /vmlinuz-0-rescue-{old}\n")
    rocky.add("/usr/bin/kernel-install", "")

    bootids.forget(rocky, old)

    assert bootids.named_by(rocky, old) == ()
    assert rocky.read_file("/boot/loader/entries/rocky-0-rescue.conf") == b"linux /vmlinuz-0-rescue-rocky\n"
    assert rocky.is_file("/boot/vmlinuz-0-rescue-rocky")
    assert rocky.is_file("/boot/efi/rocky/6.1/linux")
    assert rocky.read_file("/etc/kernel/entry-token") == b"rocky\n"


def test_a_guest_whose_boot_names_no_id_is_left_as_it_is(debian: MemoryGuest) -> None:
    before = debian.read_file("/boot/grub/grub.cfg")

    bootids.forget(debian, "d1200000000040008000000000000012")

    assert debian.read_file("/boot/grub/grub.cfg") == before
    assert not debian.exists("/etc/kernel/entry-token")
