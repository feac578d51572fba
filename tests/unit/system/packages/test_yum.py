from __future__ import annotations

import pytest

from imagekit.diagnostics import Problem
from imagekit.guest.protocol import CommandResult
from imagekit.system.packages import program, yum, yumrepo
from imagekit.system.packages.yum import Yum
from imagekit.testing.memory import MemoryGuest


@pytest.fixture
def guest() -> MemoryGuest:
    """A guest of version 7 of RHEL, as far as yum is concerned."""
    guest = MemoryGuest({"/usr/bin/yum": "", "/var/cache/yum/x": "theirs"})
    guest.answer(lambda argv, _env: CommandResult(0, b"vim\t2\t7.4\t1.el7\tx86_64\n" if argv[0] != "yum" else b""))
    return guest


def test_it_asks_nothing_and_keeps_its_cache_apart(guest: MemoryGuest) -> None:
    Yum().install(guest, ("nginx=1.2-3",))

    assert guest.commands[0].argv == (
        "yum",
        "-y",
        f"--setopt=cachedir={program.WORKSHOP}",
        "--setopt=keepcache=0",
        "install",
        "nginx-1.2-3",
    )
    assert guest.commands[0].network
    assert not guest.exists(program.WORKSHOP)
    assert guest.exists("/var/cache/yum/x")


def test_only_what_fetches_reaches_the_network(guest: MemoryGuest) -> None:
    Yum().remove(guest, ("vim",))
    Yum().autoremove(guest)
    Yum().update(guest)

    assert [(ran.argv[-1], ran.network) for ran in guest.commands] == [
        ("vim", False),
        ("autoremove", False),
        ("update", True),
    ]
    assert "--setopt=clean_requirements_on_remove=0" in guest.commands[0].argv


def test_from_a_folder_there_is_one_repository_and_no_network(guest: MemoryGuest) -> None:
    Yum().install(guest, ("demo",), folder="/f")

    (ran,) = guest.commands
    assert f"--setopt=reposdir={yumrepo.ALONE}" in ran.argv
    assert not ran.network
    assert not guest.exists(yumrepo.ALONE)


def test_it_locks_as_its_plugin_would(guest: MemoryGuest) -> None:
    guest.add("/usr/lib/yum-plugins/versionlock.py", "")
    guest.add(yum.LOCKS, "0:bash-4.2-1.el7.*\n")

    Yum().hold(guest, ("vim",))

    assert guest.read_file(yum.LOCKS) == b"0:bash-4.2-1.el7.*\n2:vim-7.4-1.el7.*\n"
    assert Yum().held(guest) == {"bash", "vim"}


def test_without_the_plugin_nothing_can_be_held(guest: MemoryGuest) -> None:
    with pytest.raises(Problem, match="lacks the plugin"):
        Yum().hold(guest, ("vim",))
