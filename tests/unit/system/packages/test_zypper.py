from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from imagekit.guest.facts import Facts
from imagekit.guest.protocol import CommandResult
from imagekit.system.packages import program, yumrepo, zypper
from imagekit.system.packages.repository import Repository
from imagekit.system.packages.zypper import Zypper
from imagekit.system.shell import CommandFailed
from imagekit.testing.memory import MemoryGuest

if TYPE_CHECKING:
    from pathlib import Path

TABLE = """\
Loading repository data...
Reading installed packages...
S  | Repository | Name    | Version | Arch
---+------------+---------+---------+-------
i  | @System    | libdemo | 1.0-1   | noarch
i  | @System    | other   | 1.0-1   | noarch
"""


def answer(guest: MemoryGuest, said: str = "", status: int = 0) -> MemoryGuest:
    guest.answer(lambda _argv, _env: CommandResult(status, said.encode()))
    return guest


def test_it_asks_nothing_takes_licences_as_read_and_keeps_its_cache_apart(opensuse: MemoryGuest) -> None:
    Zypper().install(answer(opensuse), ("nginx=1.2",))

    (ran,) = opensuse.commands
    assert ran.argv == (
        "zypper",
        "--non-interactive",
        "--no-color",
        "--cache-dir",
        program.WORKSHOP,
        "install",
        "--auto-agree-with-licenses",
        "nginx=1.2",
    )
    assert ran.network
    assert ran.env["ZYPP_LOGFILE"].startswith(program.WORKSHOP)
    assert not opensuse.exists(program.WORKSHOP)


@pytest.mark.parametrize("status", [0, 102, 103])
def test_that_a_running_system_would_restart_is_no_failure(opensuse: MemoryGuest, status: int) -> None:
    Zypper().update(answer(opensuse, status=status))

    assert len(opensuse.commands) == 1


@pytest.mark.parametrize("status", [4, 104, 106, 107])
def test_what_is_half_done_is_a_failure(opensuse: MemoryGuest, status: int) -> None:
    with pytest.raises(CommandFailed, match=f"zypper update ended with status {status}"):
        Zypper().update(answer(opensuse, status=status))


def test_a_rolling_distribution_is_upgraded_as_one() -> None:
    guest = answer(MemoryGuest(facts=Facts(distro="opensuse-tumbleweed")))

    Zypper().update(guest)

    assert "dist-upgrade" in guest.commands[0].argv


def test_only_what_fetches_reaches_the_network(opensuse: MemoryGuest) -> None:
    Zypper().remove(answer(opensuse), ("vim",))
    Zypper().hold(opensuse, ("vim=9",))

    assert not any(ran.network for ran in opensuse.commands)
    assert opensuse.commands[0].argv[-3:] == ("remove", "--no-clean-deps", "vim")
    assert opensuse.commands[1].argv[-4:] == ("addlock", "--type", "package", "vim")


@pytest.mark.parametrize(("said", "ran"), [(TABLE, 2), ("No packages found.\n", 1)])
def test_what_nothing_needs_is_removed_if_there_is_any(opensuse: MemoryGuest, said: str, ran: int) -> None:
    Zypper().autoremove(answer(opensuse, said))

    assert len(opensuse.commands) == ran
    if ran == 2:
        assert opensuse.commands[1].argv[-4:] == ("remove", "--clean-deps", "libdemo", "other")


def test_locks_are_read_from_their_file() -> None:
    text = "\ntype: package\nmatch_type: glob\ncase_sensitive: on\nsolvable_name: libdemo\n"

    assert Zypper().held(MemoryGuest({zypper.LOCKS: text})) == {"libdemo"}


def test_from_a_folder_there_is_one_repository_and_no_network(opensuse: MemoryGuest) -> None:
    seen = []
    opensuse.answer(lambda _argv, _env: seen.append(opensuse.read_file(f"{yumrepo.ALONE}/imagekit.repo")) or 0)

    Zypper().install(opensuse, ("demo",), folder="/f")

    (ran,) = opensuse.commands
    assert ran.argv[ran.argv.index("--reposd-dir") + 1] == yumrepo.ALONE
    assert "--no-gpg-checks" in ran.argv
    assert not ran.network
    assert b"type=rpm-md" in seen[0]


def test_a_key_is_given_to_rpm_once(opensuse: MemoryGuest, tmp_path: Path) -> None:
    (tmp_path / "k").write_text("KEY")
    mine = Repository(name="mine", url="https://example.org", key={"file": str(tmp_path / "k")})

    Zypper().declare(answer(opensuse), mine)
    Zypper().declare(opensuse, mine)

    assert [ran.argv for ran in opensuse.commands] == [("rpm", "--import", "/etc/pki/rpm-gpg/RPM-GPG-KEY-mine")]
    assert b"autorefresh=1\n" in opensuse.read_file("/etc/zypp/repos.d/mine.repo")
