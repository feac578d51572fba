from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from imagekit.diagnostics import Problem
from imagekit.guest.protocol import CommandResult
from imagekit.system import selinux
from imagekit.system.shell import CommandFailed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from imagekit.testing.memory import MemoryGuest

CONTEXTS = "/etc/selinux/targeted/contexts/files/file_contexts"


class Tools:
    """A guest's find and setfiles: what the second was told to label, by each call."""

    def __init__(self, guest: MemoryGuest, *, files: bytes = b"", folders: bytes = b"", refuses: str = "") -> None:
        self.guest, self.files, self.folders, self.refuses = guest, files, folders, refuses
        self.labelled: list[list[str]] = []
        guest.answer(self.run)

    def run(self, argv: tuple[str, ...], _env: Mapping[str, str]) -> CommandResult | int:
        if argv[0] == "/bin/sh":
            self.guest.write(selinux.LIST, self.files)
            self.guest.write(selinux.FOLDERS, self.folders)
            return 1
        if self.refuses and self.refuses in argv:
            return CommandResult(255, f"setfiles: invalid option -- '{self.refuses[1]}'".encode())
        self.labelled.append(self.guest.read_file(argv[argv.index("-f") + 1]).decode().split("\0")[:-1])
        return 0


@pytest.fixture
def guest(fedora: MemoryGuest) -> MemoryGuest:
    """A Fedora with a policy, and labels."""
    fedora.write(CONTEXTS, "/etc(/.*)?\tsystem_u:object_r:etc_t:s0\n")
    fedora.setxattr("/", "security.selinux", b"system_u:object_r:root_t:s0\0")
    return fedora


@pytest.mark.parametrize(
    ("config", "mode"),
    [
        ("SELINUX=enforcing\n", "enforcing"),
        ("SELINUX=Permissive\n", "permissive"),
        ("SELINUX=disabled\n", "disabled"),
        ("# SELINUX=enforcing\n", "disabled"),
    ],
)
def test_the_mode_is_that_of_the_configuration(guest: MemoryGuest, config: str, mode: str) -> None:
    guest.write(selinux.CONFIG, config)

    assert selinux.mode(guest) == mode


def test_a_guest_without_selinux_has_it_disabled(debian: MemoryGuest) -> None:
    assert selinux.mode(debian) == "disabled"
    assert not selinux.needs_labels(debian)


def test_what_was_changed_is_labelled_by_the_guests_setfiles_in_one_call(guest: MemoryGuest) -> None:
    tools = Tools(guest)

    selinux.relabel(guest, ["/etc/motd", "/etc/hosts"])

    assert tools.labelled == [["/etc/hosts", "/etc/motd"]]
    assert [one.argv for one in guest.commands] == [
        ("/usr/sbin/setfiles", "-m", "-i", "-0", "-f", selinux.LIST, CONTEXTS)
    ]
    assert not guest.exists(selinux.LIST)
    assert not guest.exists(selinux.FOLDERS)


def test_nothing_runs_if_nothing_is_to_be_labelled(guest: MemoryGuest) -> None:
    selinux.relabel(guest, [])

    assert guest.commands == []


def test_a_folder_that_has_a_label_is_not_gone_down_into(guest: MemoryGuest) -> None:
    guest.setxattr("/etc", "security.selinux", b"etc_t\0")
    guest.mkdir_p("/etc/new")
    tools = Tools(guest)

    selinux.relabel(guest, ["/etc", "/etc/new"])

    assert tools.labelled == [["/etc/new"]]


def test_a_file_is_labelled_anew_whatever_label_it_came_with(guest: MemoryGuest) -> None:
    guest.setxattr("/etc/hosts", "security.selinux", b"tmp_t\0")
    tools = Tools(guest)

    selinux.relabel(guest, ["/etc/hosts"])

    assert tools.labelled == [["/etc/hosts"]]


def test_what_is_on_a_file_system_without_labels_is_passed_over(guest: MemoryGuest) -> None:
    guest.write_append("/etc/fstab", "\nUUID=AAAA-BBBB /boot/efi vfat umask=0077 0 2\n")
    tools = Tools(guest)

    selinux.relabel(guest, ["/boot/efi/EFI/BOOT/x", "/boot/efigy", "/etc/hosts"])

    assert tools.labelled == [["/boot/efigy", "/etc/hosts"]]


def test_what_programs_changed_is_found_by_its_time(guest: MemoryGuest) -> None:
    guest.setxattr("/usr/bin", "security.selinux", b"bin_t\0")
    guest.mkdir_p("/opt/new")
    tools = Tools(guest, files=b"/usr/bin/tool\0", folders=b"/usr/bin\0/opt/new\0/opt/\xff\0")

    selinux.relabel(guest, ["/etc/hosts"], minutes=7)

    assert tools.labelled == [["/usr/bin/tool", "/etc/hosts", "/opt/new"]]
    assert guest.commands[0].argv[3:] == ("sh", "7", selinux.LIST, selinux.FOLDERS)
    assert '-cmin "-$1"' in guest.commands[0].argv[2]


def test_an_old_setfiles_is_not_asked_for_what_it_does_not_know(guest: MemoryGuest) -> None:
    tools = Tools(guest, refuses="-m")

    selinux.relabel(guest, ["/etc/hosts"])

    assert tools.labelled == [["/etc/hosts"]]
    assert "-m" not in guest.commands[-1].argv


def test_a_setfiles_that_fails_is_no_success(guest: MemoryGuest) -> None:
    guest.answer(lambda _argv, _env: CommandResult(255, b"Could not set context for /etc/hosts"))

    with pytest.raises(CommandFailed, match="setfiles"):
        selinux.relabel(guest, ["/etc/hosts"])

    assert not guest.exists(selinux.LIST)


def test_the_policy_is_the_one_that_is_configured(guest: MemoryGuest) -> None:
    guest.write(selinux.CONFIG, "SELINUX=permissive\nSELINUXTYPE=mls\n")

    assert selinux.obstacle(guest) == "its policy has no /etc/selinux/mls/contexts/files/file_contexts"
    guest.add("/etc/selinux/mls/contexts/files/file_contexts", "/.*\tx\n")
    assert selinux.obstacle(guest) == ""


def test_a_guest_that_was_never_labelled_is_not_labelled_in_part(fedora: MemoryGuest) -> None:
    fedora.write(CONTEXTS, "/.*\tx\n")

    assert selinux.obstacle(fedora) == "it was never labelled, for its root has none"


def test_a_guest_without_setfiles_cannot_set_labels(guest: MemoryGuest) -> None:
    guest.rm_f("/usr/sbin/setfiles")

    assert selinux.obstacle(guest) == "it has no setfiles"


def test_a_guest_that_labels_itself_at_boot_needs_no_labels(guest: MemoryGuest) -> None:
    assert selinux.needs_labels(guest)
    guest.add("/usr/lib/systemd/system-generators/selinux-autorelabel-generator.sh", "")

    selinux.relabel_at_boot(guest)

    assert guest.read_file("/.autorelabel") == b""
    assert not selinux.needs_labels(guest)


def test_a_guest_that_would_not_relabel_at_boot_is_told(guest: MemoryGuest) -> None:
    with pytest.raises(Problem, match="nothing in this image relabels it at boot") as caught:
        selinux.relabel_at_boot(guest)

    assert (caught.value.field, caught.value.code) == ("relabel", "IK-SEL-002")
    assert not guest.exists("/.autorelabel")


def test_kernel_arguments_that_would_win_over_the_mode_go(guest: MemoryGuest) -> None:
    before = {path: guest.read_file(path).decode() for path in guest.glob_expand("/boot/loader/entries/*.conf")}
    for path, text in before.items():
        guest.write(path, text.replace("options ", "options selinux=0 enforcing=0 "))

    selinux.set_mode(guest, "enforcing")

    assert {path: guest.read_file(path).decode() for path in before} == before
    assert b"SELINUX=enforcing\n" in guest.read_file(selinux.CONFIG)
