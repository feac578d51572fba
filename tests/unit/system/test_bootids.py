from __future__ import annotations

import pytest

from imagekit.system import bootids
from imagekit.testing.memory import MemoryGuest

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
        "/etc/kernel/cmdline",
    ],
)
def test_every_text_that_makes_a_command_line_is_looked_at(path: str) -> None:
    guest = MemoryGuest({path: f"options systemd.machine_id={ID}\n"})
    before = bootids.fixing_texts(guest)

    bootids.forget(guest, None)

    assert (before, bootids.fixing_texts(guest)) == ((path,), ())


def test_a_grub_environment_keeps_its_size() -> None:
    text = "# GRUB Environment Block\nsaved_entry=é\n"

    padded = bootids.padded(text + "####")

    assert padded.startswith(text)
    assert len(padded.encode()) == 1024


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
