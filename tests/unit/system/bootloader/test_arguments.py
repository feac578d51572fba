from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from imagekit.diagnostics import Problem
from imagekit.system.bootloader import grubenv
from imagekit.system.bootloader.arguments import arguments, change_arguments
from imagekit.system.bootloader.entries import entries
from imagekit.testing.memory import MemoryGuest

if TYPE_CHECKING:
    from imagekit.guest.protocol import Guest

EVERY = ["debian", "debian13", "ubuntu", "fedora", "rocky", "opensuse", "arch", "alpine"]


def text(guest: Guest, path: str) -> str:
    return guest.read_file(path).decode()


@pytest.mark.parametrize("name", EVERY)
def test_every_entry_gets_the_argument_and_no_program_runs(request, name: str) -> None:
    guest = request.getfixturevalue(name)

    change_arguments(guest, ("net.ifnames=0",))

    assert [entry.arguments[-1] for entry in entries(guest)] == ["net.ifnames=0"] * len(entries(guest))
    assert arguments(guest)[-1] == "net.ifnames=0"
    assert guest.commands == []


@pytest.mark.parametrize(
    ("name", "path", "line"),
    [
        ("debian", "/etc/default/grub", 'GRUB_CMDLINE_LINUX="net.ifnames=0"\n'),
        ("fedora", "/etc/default/grub", 'GRUB_CMDLINE_LINUX="console=ttyS0 net.ifnames=0"\n'),
        ("opensuse", "/etc/default/grub", 'GRUB_CMDLINE_LINUX="net.ifnames=0"\n'),
        ("arch", "/etc/default/grub", 'GRUB_CMDLINE_LINUX="net.ifnames=0"\n'),
        ("alpine", "/etc/update-extlinux.conf", 'default_kernel_opts="quiet net.ifnames=0"\n'),
    ],
)
def test_kernels_to_come_get_it_too(request, name: str, path: str, line: str) -> None:
    guest = request.getfixturevalue(name)

    assert path in change_arguments(guest, ("net.ifnames=0",))
    assert line in text(guest, path)


@pytest.mark.parametrize("name", EVERY)
def test_changing_twice_changes_nothing(request, name: str) -> None:
    guest = request.getfixturevalue(name)
    first = change_arguments(guest, ("console=ttyS0", 'dyndbg="file x +p"'), ("quiet", "console", "splash"))
    files = {path: guest.read_file(path) for path in guest.find("/") if guest.is_file(path)}

    assert first
    assert change_arguments(guest, ("console=ttyS0", 'dyndbg="file x +p"'), ("quiet", "console", "splash")) == ()
    assert {path: guest.read_file(path) for path in guest.find("/") if guest.is_file(path)} == files


@pytest.mark.parametrize("name", ["debian", "ubuntu", "arch", "alpine"])
def test_what_is_removed_is_gone_everywhere(request, name: str) -> None:
    guest = request.getfixturevalue(name)

    changed = change_arguments(guest, remove=("quiet",))

    assert changed
    assert not any("quiet" in text(guest, path) for path in changed)


def test_arguments_that_entries_share_are_changed_where_they_stand(rocky: MemoryGuest) -> None:
    rocky.write("/boot/grub2/grubenv", grubenv.padded(grubenv.SIGNATURE + "kernelopts=ro quiet\n"))
    before = text(rocky, entries(rocky)[0].path)

    change_arguments(rocky, ("a=1",), ("quiet",))

    assert grubenv.variables(text(rocky, "/boot/grub2/grubenv")) == {"kernelopts": "ro a=1"}
    assert len(rocky.read_file("/boot/grub2/grubenv")) == 1024
    assert text(rocky, entries(rocky)[0].path) == before
    assert arguments(rocky)[-1] == "a=1"


def test_an_entry_that_does_not_share_them_gets_them_itself(rocky: MemoryGuest) -> None:
    rocky.write("/boot/grub2/grubenv", grubenv.padded(grubenv.SIGNATURE + "kernelopts=ro\n"))
    rocky.add("/boot/loader/entries/own.conf", "linux /vmlinuz\noptions ro\n")

    change_arguments(rocky, ("a=1",))

    assert text(rocky, "/boot/loader/entries/own.conf") == "linux /vmlinuz\noptions ro a=1\n"


def test_a_command_line_of_kernel_install_is_changed_if_it_is_there(fedora: MemoryGuest) -> None:
    change_arguments(fedora, ("a=1",))
    without = fedora.exists("/etc/kernel/cmdline")
    fedora.add("/etc/kernel/cmdline", "root=UUID=1 ro\n")
    change_arguments(fedora, ("a=1",))

    assert not without
    assert text(fedora, "/etc/kernel/cmdline") == "root=UUID=1 ro a=1\n"


def test_mode_and_owner_of_what_is_changed_stay(debian: MemoryGuest) -> None:
    change_arguments(debian, ("a=1",))

    assert debian.lstat("/boot/grub/grub.cfg").mode == 0o600


def test_nothing_is_written_if_one_setting_cannot_be_edited(debian: MemoryGuest) -> None:
    before = text(debian, "/boot/grub/grub.cfg")
    debian.write("/etc/default/grub", 'GRUB_CMDLINE_LINUX="a"$(b)\n')

    with pytest.raises(Problem, match=r"GRUB_CMDLINE_LINUX=\"a\"") as caught:
        change_arguments(debian, ("a=1",), field="add")

    assert (caught.value.field, caught.value.code) == ("add", "IK-BOOT-005")
    assert text(debian, "/boot/grub/grub.cfg") == before


def test_a_configuration_without_a_kernel_is_told(debian: MemoryGuest) -> None:
    debian.write("/boot/grub/grub.cfg", "configfile /other\n")

    with pytest.raises(Problem) as caught:
        change_arguments(debian, ("a=1",))

    assert caught.value.code == "IK-BOOT-004"


def test_a_guest_without_a_boot_loader_has_no_arguments() -> None:
    assert arguments(MemoryGuest()) == ()
    with pytest.raises(Problem):
        change_arguments(MemoryGuest(), ("a=1",))
