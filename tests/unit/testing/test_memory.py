from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from imagekit.guest.errors import GuestDiskFull, VerbFailed
from imagekit.guest.facts import Facts
from imagekit.guest.protocol import CommandResult, Guest
from imagekit.testing.memory import Dir, File, Link, MemoryGuest, Ran, Special

if TYPE_CHECKING:
    from collections.abc import Mapping


def test_a_memory_guest_is_a_guest() -> None:
    assert isinstance(MemoryGuest(), Guest)


def test_it_is_made_of_what_it_is_given_with_the_parents() -> None:
    guest = MemoryGuest(
        {
            "/etc/hostname": "a\n",
            "/var/lib/dbus/machine-id": Link("../../../etc/machine-id"),
            "/etc/ssh": Dir(mode=0o700),
            "/etc/ssh/key": File(b"\xff", mode=0o600, uid=1, gid=2, xattrs={"user.a": b"1"}),
            "/dev/null": Special(),
        }
    )
    stat = guest.lstat("/etc/ssh/key")

    assert guest.read_file("/etc/hostname") == b"a\n"
    assert guest.readlink("/var/lib/dbus/machine-id") == "../../../etc/machine-id"
    assert guest.lstat("/etc/ssh").mode == 0o700
    assert guest.lstat("/var/lib").mode == 0o755
    assert (stat.mode, stat.uid, stat.gid) == (0o600, 1, 2)
    assert guest.lgetxattr("/etc/ssh/key", "user.a") == b"1"
    assert guest.lstat("/dev/null").kind == "other"


def test_paths_that_it_is_given_go_through_links_that_it_has() -> None:
    guest = MemoryGuest({"/bin": Link("usr/bin"), "/bin/sh": "", "/usr/bin": Dir(mode=0o700)})

    assert guest.find("/usr") == ("/usr/bin", "/usr/bin/sh")
    assert guest.lstat("/usr/bin").mode == 0o700


def test_the_root_itself_may_be_given() -> None:
    guest = MemoryGuest({"/etc": Dir(), "/": Dir(mode=0o700)})

    assert guest.lstat("/").mode == 0o700
    assert guest.ls("/") == ("etc",)


def test_facts_are_those_given_or_are_read_when_asked_for() -> None:
    given = MemoryGuest({"/etc/os-release": "ID=debian\n"}, Facts(distro="fedora"))
    lazy = MemoryGuest()
    lazy.write("/os", "")
    lazy.add("/etc/os-release", "ID=debian\n")

    assert given.facts.distro == "fedora"
    assert lazy.facts.distro == "debian"


def test_commands_are_recorded_with_what_they_were_given() -> None:
    guest = MemoryGuest()
    guest.command(["apt-get", "update"], network=True)
    guest.command(["true"], env={"A": "1"})

    assert guest.commands == [Ran(("apt-get", "update"), {}, True), Ran(("true",), {"A": "1"}, False)]


def test_a_command_that_nobody_answers_is_not_found() -> None:
    assert MemoryGuest().command(["nothing"]) == CommandResult(127, b"nothing: not found\n")


def test_an_answer_is_a_result_or_a_status_or_left_to_an_earlier_handler() -> None:
    guest = MemoryGuest()
    guest.answer(lambda argv, _: CommandResult(1, b"first"))
    guest.answer(lambda argv, _: 2 if argv[0] == "two" else None)

    assert guest.command(["two"]) == CommandResult(2, b"")
    assert guest.command(["other"]) == CommandResult(1, b"first")


def test_an_answer_may_change_the_guest() -> None:
    guest = MemoryGuest({"/etc/ssh": Dir()})

    def apt(argv: tuple[str, ...], env: Mapping[str, str]) -> int:
        guest.write("/etc/ssh/ssh_host_rsa_key", env["KEY"])
        return 0

    guest.answer(apt)

    assert guest.command(["apt-get", "install", "openssh-server"], env={"KEY": "new"}).status == 0
    assert guest.read_file("/etc/ssh/ssh_host_rsa_key") == b"new"


def test_a_command_needs_a_program() -> None:
    with pytest.raises(VerbFailed):
        MemoryGuest().command([])


def test_a_verb_fails_for_one_path_or_for_all() -> None:
    guest = MemoryGuest({"/etc": Dir()})
    guest.fail("write", path="/etc/x", error=GuestDiskFull("write", "/etc/x"))
    guest.write("/etc/y", "")
    with pytest.raises(GuestDiskFull):
        guest.write("/etc//x", "")
    guest.fail("write", error=VerbFailed("write", "", "all"))

    assert not guest.exists("/etc/x")
    with pytest.raises(VerbFailed):
        guest.write("/etc/y", "")


@pytest.mark.parametrize(
    "verb", sorted(name for name in vars(Guest) if not name.startswith("_") and name not in {"facts", "command"})
)
def test_every_verb_can_be_told_to_fail(verb: str) -> None:
    guest = MemoryGuest({"/x": ""})
    guest.fail(verb, error=GuestDiskFull(verb, "/x"))
    arguments: dict[str, tuple[object, ...]] = {
        "pread": ("/x", 1, 0),
        "lgetxattr": ("/x", "user.a"),
        "write": ("/x", ""),
        "write_append": ("/x", ""),
        "upload": (Path(__file__), "/x"),
        "tar_in": (Path(__file__), "/x"),
        "mv": ("/x", "/y"),
        "cp_a": ("/x", "/y"),
        "ln_sf": ("/y", "/x"),
        "chmod": (0o600, "/x"),
        "chown": (0, 0, "/x"),
        "setxattr": ("/x", "user.a", b""),
    }

    with pytest.raises(GuestDiskFull):
        getattr(guest, verb)(*arguments.get(verb, ("/x",)))


def test_a_command_can_be_told_to_fail_by_its_program() -> None:
    guest = MemoryGuest()
    guest.fail("command", path="/bin/x", error=VerbFailed("command", "/bin/x", "died"))

    assert guest.command(["/bin/y"]).status == 127
    with pytest.raises(VerbFailed, match="died"):
        guest.command(["/bin/x"])


def test_the_root_is_not_removed() -> None:
    with pytest.raises(VerbFailed, match="root"):
        MemoryGuest().rm_rf("/")


def test_a_mode_has_twelve_bits() -> None:
    with pytest.raises(VerbFailed, match="not a mode"):
        MemoryGuest({"/x": ""}).chmod(0o10000, "/x")


def test_read_file_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("imagekit.testing.memory._MOST_READ", 3)
    guest = MemoryGuest({"/x": "four", "/y": "3.."})

    assert guest.read_file("/y") == b"3.."
    with pytest.raises(VerbFailed, match="larger"):
        guest.read_file("/x")
