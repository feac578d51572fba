from __future__ import annotations

import io
import tarfile

import pytest

from imagekit.diagnostics import Problem
from imagekit.guest.protocol import CommandResult
from imagekit.system.packages import pacman, program
from imagekit.system.packages.pacman import Pacman
from imagekit.system.packages.repository import Repository
from imagekit.testing.memory import MemoryGuest

DESC = """\
%NAME%
demo

%VERSION%
1:2.0-1

%PROVIDES%
virtual-demo=3
cron

"""
MOUNTED = 6
"""How many words stand before pacman itself: the shell that mounts its database."""
CONFIG = """\
# mine
[options]
Architecture = auto
#IgnorePkg   =

[core]
Include = /etc/pacman.d/mirrorlist

[extra]
Include = /etc/pacman.d/mirrorlist
"""


def answer(guest: MemoryGuest) -> MemoryGuest:
    guest.answer(lambda _argv, _env: 0)
    return guest


def test_installed_is_read_from_the_local_database() -> None:
    guest = MemoryGuest({f"{pacman.DATABASE}/local/demo-1:2.0-1/desc": DESC})

    assert Pacman().installed(guest) == {
        "demo": "1:2.0-1",
        "demo=1:2.0": "1:2.0-1",
        "virtual-demo": "",
        "cron": "",
    }
    assert guest.commands == []


def test_lists_and_packages_are_fetched_into_a_place_that_does_not_stay(arch: MemoryGuest) -> None:
    Pacman().install(answer(arch), ("nginx",))

    (ran,) = arch.commands
    assert ran.argv[MOUNTED:] == (
        "pacman",
        "-Sy",
        "--noconfirm",
        "--noprogressbar",
        "--dbpath",
        f"{program.WORKSHOP}/db",
        "--cachedir",
        f"{program.WORKSHOP}/cache",
        "--needed",
        "nginx",
    )
    assert ran.network
    assert not arch.exists(program.WORKSHOP)


def test_its_own_database_is_mounted_there_and_no_link_since_an_install_would_replace_that(arch: MemoryGuest) -> None:
    place = f"{program.WORKSHOP}/db/local"
    seen = []
    arch.answer(lambda _argv, _env: seen.append(arch.lstat(place).kind) or 0)

    Pacman().install(arch, ("nginx",))

    script, _, *mounted = arch.commands[0].argv[2:MOUNTED]
    assert script.startswith('mount --bind "$1" "$2" && ')
    assert mounted == ["/var/lib/pacman/local", place]
    assert seen == ["directory"]


def test_only_what_fetches_reaches_the_network(arch: MemoryGuest) -> None:
    Pacman().update(answer(arch))
    Pacman().remove(arch, ("vim=9",))

    assert [(ran.argv[MOUNTED + 1], ran.network) for ran in arch.commands] == [("-Syu", True), ("-Rc", False)]
    assert arch.commands[1].argv[-1] == "vim"


@pytest.mark.parametrize(
    ("status", "said", "ran"),
    [(0, b"libdemo\n", 2), (1, b"", 1), (0, b"warning: database file for 'mine' does not exist\n", 1)],
)
def test_what_nothing_needs_is_removed_if_there_is_any(arch: MemoryGuest, status: int, said: bytes, ran: int) -> None:
    arch.answer(lambda argv, _env: CommandResult(status, said) if argv[1] == "-Qdtq" else 0)

    Pacman().autoremove(arch)

    assert len(arch.commands) == ran


def test_from_a_folder_the_guests_options_hold_and_its_repositories_do_not(arch: MemoryGuest) -> None:
    arch.write(pacman.CONFIG, CONFIG)
    seen = []

    def see(argv: tuple[str, ...], _env: object) -> int:
        seen.append(arch.read_file(argv[argv.index("--config") + 1]).decode())
        return 0

    arch.answer(see)

    Pacman().install(arch, ("demo",), folder="/f")

    assert "Architecture = auto" in seen[0]
    assert "mirrorlist" not in seen[0]
    assert seen[0].endswith("[imagekit]\nSigLevel = Never\nServer = file:///f\n")
    assert not arch.commands[0].network


def test_a_folder_is_indexed_by_the_guests_own_repo_add(arch: MemoryGuest) -> None:
    arch.add("/f/demo-2.0-1-any.pkg.tar.zst", "")
    arch.add("/f/demo-2.0-1-any.pkg.tar.zst.sig", "")

    def add(argv: tuple[str, ...], _env: object) -> int:
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w:gz") as archive:
            member = tarfile.TarInfo("demo-1:2.0-1/desc")
            member.size = len(DESC)
            archive.addfile(member, io.BytesIO(DESC.encode()))
        arch.write(argv[2], packed.getvalue())
        return 0

    arch.answer(add)

    assert Pacman().index(arch, "/f") == {"demo": "1:2.0-1"}
    assert arch.commands[0].argv == ("repo-add", "--quiet", "/f/imagekit.db.tar.gz", "/f/demo-2.0-1-any.pkg.tar.zst")


def test_held_packages_are_those_that_pacman_ignores(arch: MemoryGuest) -> None:
    arch.write(pacman.CONFIG, CONFIG.replace("#IgnorePkg   =", "IgnorePkg = linux"))

    Pacman().hold(arch, ("demo", "linux"))

    assert Pacman().held(arch) == {"linux", "demo"}
    assert b"IgnorePkg = linux demo\n" in arch.read_file(pacman.CONFIG)


def test_a_comment_ignores_nothing() -> None:
    text = pacman.with_ignored(CONFIG, ["demo"])

    assert "#IgnorePkg   =\n" in text
    assert pacman.ignored(text) == ["demo"]
    assert text.index("IgnorePkg=demo") < text.index("[core]")


def test_a_repository_is_a_section_and_declared_twice_the_same(arch: MemoryGuest) -> None:
    arch.write(pacman.CONFIG, CONFIG)
    mine = Repository(name="mine", url="https://example.org/$repo/$arch", trusted=True)

    Pacman().declare(arch, mine)
    once = arch.read_file(pacman.CONFIG)
    Pacman().declare(arch, mine)

    assert once.decode() == (CONFIG + "\n[mine]\nSigLevel = Never\nServer = https://example.org/$repo/$arch\n")
    assert arch.read_file(pacman.CONFIG) == once


def test_a_section_of_that_name_is_replaced_where_it_stands() -> None:
    text = pacman.with_section(CONFIG, "core", "[core]\nServer = x\n")

    assert text.endswith("[core]\nServer = x\n\n[extra]\nInclude = /etc/pacman.d/mirrorlist\n")


def test_a_key_is_refused_for_it_belongs_in_pacmans_own_keyring(arch: MemoryGuest, tmp_path) -> None:
    (tmp_path / "k").write_text("KEY")

    with pytest.raises(Problem) as caught:
        Pacman().declare(arch, Repository(name="m", url="https://x", key={"file": str(tmp_path / "k")}))

    assert caught.value.field == "key"
