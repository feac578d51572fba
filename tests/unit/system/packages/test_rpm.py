from __future__ import annotations

import pytest

from imagekit.guest.protocol import CommandResult
from imagekit.system.packages import rpm
from imagekit.system.shell import CommandFailed
from imagekit.testing.memory import MemoryGuest

LISTED = """\
vim-enhanced\t2\t9.0\t1.fc41\tx86_64
\tvim
\tvim-enhanced
glibc\t0\t2.40\t3.fc41\tx86_64
glibc\t0\t2.40\t3.fc41\ti686
error: something that is no line of it
"""


def test_a_package_is_known_by_every_spelling_that_dnf_takes() -> None:
    names = rpm.names_of(LISTED)

    assert {
        name for name, version in names.items() if version == "2:9.0-1.fc41" and not name.startswith("vim-enhanced.")
    } == {
        "vim-enhanced",
        "vim-enhanced=2:9.0-1.fc41",
        "vim-enhanced=9.0-1.fc41",
        "vim-enhanced=2:9.0",
        "vim-enhanced=9.0",
    }
    assert {"glibc.x86_64", "glibc.i686", "glibc.i686=2.40-3.fc41"} <= set(names)
    assert names["vim"] == ""
    assert not any("error" in name for name in names)


def test_the_database_is_asked_by_rpm_itself_without_network() -> None:
    guest = MemoryGuest()
    guest.answer(lambda _argv, _env: CommandResult(0, LISTED.encode()))

    assert rpm.installed(guest)["glibc"] == "0:2.40-3.fc41"
    assert guest.commands[0].argv[:2] == ("/bin/sh", "-c")
    assert "rpm -qa --qf" in guest.commands[0].argv[2]
    assert not guest.commands[0].network


def test_a_database_that_cannot_be_read_is_no_empty_one() -> None:
    guest = MemoryGuest()
    guest.answer(lambda _argv, _env: CommandResult(1, b"error: cannot open Packages database\n"))

    with pytest.raises(CommandFailed):
        rpm.installed(guest)


@pytest.mark.parametrize(("name", "spelt"), [("nginx", "nginx"), ("nginx=1:1.2-3.el9", "nginx-1:1.2-3.el9")])
def test_versions_are_joined_by_a_dash(name: str, spelt: str) -> None:
    assert rpm.spec(name) == spelt


def test_locks_are_made_of_name_epoch_and_the_rest() -> None:
    assert rpm.locked(("a=1", "b"), {"a": "0:1-2", "b": "3:4-5.fc41"}) == [("a", "0", "1-2"), ("b", "3", "4-5.fc41")]
