from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

import pytest

from imagekit.diagnostics import Problem
from imagekit.guest.protocol import CommandResult
from imagekit.system.packages import dnf, program, yumrepo
from imagekit.system.packages.dnf import Dnf
from imagekit.system.shell import CommandFailed

if TYPE_CHECKING:
    from imagekit.testing.memory import MemoryGuest

LISTED = "kernel\t0\t6.1\t1.el9\tx86_64\nvim\t2\t9.0\t1\tx86_64\n"


def answer(guest: MemoryGuest, unneeded: str = "") -> MemoryGuest:
    def say(argv: tuple[str, ...], _env: object) -> CommandResult:
        if "repoquery" in argv:
            return CommandResult(0, unneeded.encode())
        return CommandResult(0, LISTED.encode() if argv[0] == "/bin/sh" else b"")

    guest.answer(say)
    return guest


def test_version_4_asks_nothing_and_keeps_its_cache_apart(rocky: MemoryGuest) -> None:
    Dnf().install(answer(rocky), ("nginx", "vim=2:9.0-1"))

    assert rocky.commands[0].argv == (
        "dnf",
        "-y",
        f"--setopt=cachedir={program.WORKSHOP}",
        f"--setopt=logdir={program.WORKSHOP}",
        "--setopt=keepcache=0",
        "--disableplugin=generate_completion_cache",
        "install",
        "nginx",
        "vim-2:9.0-1",
    )
    assert rocky.commands[0].network
    assert not rocky.exists(program.WORKSHOP)


def test_version_5_has_another_name_for_roots_cache(fedora: MemoryGuest) -> None:
    Dnf().update(answer(fedora))

    assert fedora.commands[0].argv[:3] == ("dnf5", "-y", f"--setopt=system_cachedir={program.WORKSHOP}")
    assert fedora.commands[0].argv[-1] == "upgrade"


@pytest.mark.parametrize("name", ["rocky", "fedora"])
def test_what_was_installed_for_a_removed_package_is_left_to_autoremove(request, name: str) -> None:
    guest: MemoryGuest = answer(request.getfixturevalue(name))

    Dnf().remove(guest, ("vim",))

    (ran,) = guest.commands
    assert ran.argv[-2:] == ("remove", "vim")
    assert {"--disablerepo=*", "--disable-repo=*"} & set(ran.argv)
    assert "--setopt=clean_requirements_on_remove=False" in ran.argv
    assert not ran.network


def test_subscription_manager_is_not_waited_for_where_only_version_4_has_it(
    rocky: MemoryGuest, fedora: MemoryGuest
) -> None:
    for guest in (rocky, fedora):
        Dnf().remove(answer(guest), ("vim",))

    assert "--disableplugin=subscription-manager" in rocky.commands[0].argv
    assert not any("subscription" in word for word in fedora.commands[0].argv)


@pytest.mark.parametrize("name", ["rocky", "fedora"])
@pytest.mark.parametrize(
    ("unneeded", "verbs"),
    [
        ("", ["repoquery"]),
        ("Unable to detect release version\n", ["repoquery"]),
        ("unneeded:libx\n", ["repoquery", "autoremove"]),
    ],
)
def test_what_nothing_needs_is_removed_if_there_is_any(request, name: str, unneeded: str, verbs: list[str]) -> None:
    guest: MemoryGuest = answer(request.getfixturevalue(name), unneeded)

    Dnf().autoremove(guest)

    assert [word for ran in guest.commands for word in ran.argv if word in {"repoquery", "autoremove"}] == verbs
    assert "--unneeded" in guest.commands[0].argv


def test_version_4_is_asked_on_a_copy_of_its_history_which_it_would_write_to(rocky: MemoryGuest) -> None:
    Dnf().autoremove(answer(rocky))

    (ran,) = rocky.commands
    assert f"cp -a /var/lib/dnf {program.SCRATCH}/history" in ran.argv[2]
    assert f"--setopt=persistdir={program.SCRATCH}/history" in ran.argv
    assert f"--setopt=cachedir={program.SCRATCH}" in ran.argv


def test_version_5_is_told_by_its_own_words_that_signatures_do_not_count(fedora: MemoryGuest) -> None:
    Dnf().install(answer(fedora), ("demo",), folder="/f")

    assert "--no-gpgchecks" in fedora.commands[0].argv


def test_from_a_folder_there_is_one_repository_and_no_network(rocky: MemoryGuest) -> None:
    seen = []
    rocky.answer(lambda _argv, _env: seen.append(rocky.read_file(f"{yumrepo.ALONE}/imagekit.repo").decode()) or 0)

    Dnf().install(rocky, ("demo=0:1-1",), folder="/f")

    (ran,) = rocky.commands
    assert f"--setopt=reposdir={yumrepo.ALONE}" in ran.argv
    assert "--nogpgcheck" in ran.argv
    assert ran.argv[-1] == "demo-0:1-1"
    assert not ran.network
    assert "baseurl=file:///f\n" in seen[0]
    assert not rocky.exists(yumrepo.ALONE)


def test_version_4_locks_as_its_plugin_would(rocky: MemoryGuest) -> None:
    answer(rocky)
    rocky.add("/usr/lib/python3.9/site-packages/dnf-plugins/versionlock.py", "")
    rocky.add(dnf.LOCKS, "# mine\n!bad-0:1-1.*\nbash-0:5.1-1.el9.*\n")

    Dnf().hold(rocky, ("vim",))

    assert rocky.read_file(dnf.LOCKS).decode().endswith("bash-0:5.1-1.el9.*\nvim-2:9.0-1.*\n")
    assert Dnf().held(rocky) == {"bash", "vim"}


def test_without_the_plugin_of_version_4_nothing_can_be_held(rocky: MemoryGuest) -> None:
    with pytest.raises(Problem, match="lacks the plugin") as caught:
        Dnf().hold(answer(rocky), ("vim",))

    assert caught.value.code == "IK-PKG-005"
    assert "python3-dnf-plugin-versionlock" in caught.value.fix
    assert not rocky.exists(dnf.LOCKS)


def test_version_5_locks_in_a_file_of_its_own(fedora: MemoryGuest) -> None:
    answer(fedora)

    Dnf().hold(fedora, ("vim",))
    Dnf().hold(fedora, ("kernel",))

    document = tomllib.loads(fedora.read_file(dnf.LOCKS5).decode())
    assert document["version"] == "1.0"
    assert [package["name"] for package in document["packages"]] == ["vim", "kernel"]
    assert document["packages"][0]["conditions"] == [{"key": "evr", "comparator": "=", "value": "2:9.0-1"}]
    assert Dnf().held(fedora) == {"vim", "kernel"}


def test_a_version_that_is_only_excluded_holds_nothing() -> None:
    text = '[[packages]]\nname = "a"\n[[packages.conditions]]\nkey = "evr"\ncomparator = "!="\nvalue = "1"\n'

    assert dnf.locked_five(text) == frozenset()
    assert dnf.locked_five("no toml at all [") == frozenset()


def test_its_own_last_lines_are_in_the_error(rocky: MemoryGuest) -> None:
    rocky.answer(lambda _argv, _env: CommandResult(1, b"Error: Unable to find a match: ngnix\n"))

    with pytest.raises(CommandFailed, match="dnf install ended with status 1") as caught:
        Dnf().install(rocky, ("ngnix",))

    assert caught.value.why == "Error: Unable to find a match: ngnix"
