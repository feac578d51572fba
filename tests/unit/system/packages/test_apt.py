from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from imagekit.diagnostics import Problem
from imagekit.guest.protocol import CommandResult
from imagekit.system.packages import apt, program
from imagekit.system.packages.repository import Repository
from imagekit.system.shell import CommandFailed
from imagekit.testing.memory import File, Link, MemoryGuest

if TYPE_CHECKING:
    from pathlib import Path

STATUS = """\
Package: dpkg
Status: install ok installed
Architecture: amd64
Version: 1.21
Description: tool
 Package: not-one
 .
 Status: not one

Package: gone
Status: deinstall ok config-files
Architecture: amd64
Version: 1

Package: half
Status: install ok half-configured
Architecture: amd64
Version: 1

Package: waiting
Status: install ok triggers-pending
Architecture: amd64
Version: 2

Package: postfix
Status: hold ok installed
Architecture: amd64
Version: 3.7
Provides: mail-transport-agent, default-mta (= 1)

Package: libc6
Status: install ok installed
Architecture: i386
Version: 2.36

Package: tzdata
Status: install ok installed
Architecture: all
Version: 2024a
"""


@pytest.fixture
def guest() -> MemoryGuest:
    guest = MemoryGuest({apt.STATUS: STATUS, "/var/lib/apt/lists/old_Packages": "kept", "/usr/sbin/x": ""})
    guest.answer(lambda _argv, _env: 0)
    return guest


def test_installed_is_what_is_configured_by_every_name_that_apt_takes(guest: MemoryGuest) -> None:
    assert apt.Apt().installed(guest) == {
        "dpkg": "1.21",
        "dpkg:amd64": "1.21",
        "waiting": "2",
        "waiting:amd64": "2",
        "postfix": "3.7",
        "postfix:amd64": "3.7",
        "mail-transport-agent": "",
        "default-mta": "",
        "libc6:i386": "2.36",
        "tzdata": "2024a",
        "tzdata:all": "2024a",
    }


def test_held_is_what_dpkg_was_told_to_hold(guest: MemoryGuest) -> None:
    assert apt.Apt().held(guest) == {"postfix"}


def test_no_service_starts_while_packages_are_installed(guest: MemoryGuest) -> None:
    seen = []
    guest.answer(lambda _argv, _env: seen.append((guest.read_file(apt.POLICY), guest.lstat(apt.POLICY).mode)) or 0)

    apt.Apt().install(guest, ("nginx",))

    assert all(content.endswith(b"exit 101\n") and mode == 0o755 for content, mode in seen)
    assert len(seen) == 2
    assert not guest.exists(apt.POLICY)


def test_a_policy_of_the_guest_steps_aside_and_comes_back_as_it_was(guest: MemoryGuest) -> None:
    guest.add(apt.POLICY, File("#!/bin/sh\nexit 0\n", mode=0o711, uid=3, gid=4))
    during = []
    guest.answer(lambda _argv, _env: during.append(guest.read_file(apt.POLICY)) or 0)

    apt.Apt().install(guest, ("nginx",))

    assert all(b"exit 101" in policy for policy in during)
    stat = guest.lstat(apt.POLICY)
    assert guest.read_file(apt.POLICY) == b"#!/bin/sh\nexit 0\n"
    assert (stat.mode, stat.uid, stat.gid) == (0o711, 3, 4)
    assert guest.ls("/usr/sbin") == ("policy-rc.d", "x")


def test_a_policy_that_is_a_link_comes_back_as_a_link(guest: MemoryGuest) -> None:
    guest.add(apt.POLICY, Link("/etc/policy"))

    apt.Apt().remove(guest, ("nginx",))

    assert guest.readlink(apt.POLICY) == "/etc/policy"
    assert not guest.exists("/etc/policy")


def test_lists_and_archives_are_kept_apart_and_do_not_stay(guest: MemoryGuest) -> None:
    apt.Apt().install(guest, ("nginx",))

    for ran in guest.commands:
        assert f"Dir::State::lists={program.WORKSHOP}/lists" in ran.argv
        assert f"Dir::Cache={program.WORKSHOP}/cache" in ran.argv
    assert not guest.exists(program.WORKSHOP)
    assert guest.ls("/var/lib/apt/lists") == ("old_Packages",)


def test_nothing_stays_after_a_failure_either(guest: MemoryGuest) -> None:
    guest.answer(lambda _argv, _env: 100)

    with pytest.raises(CommandFailed):
        apt.Apt().install(guest, ("nginx",))

    assert not guest.exists(program.WORKSHOP)
    assert not guest.exists(apt.POLICY)


def test_nothing_is_asked_and_local_configuration_is_kept(guest: MemoryGuest) -> None:
    apt.Apt().install(guest, ("nginx",))

    install = guest.commands[-1]
    assert install.env["DEBIAN_FRONTEND"] == "noninteractive"
    assert {"-y", "Dpkg::Options::=--force-confold", "Dpkg::Options::=--force-confdef"} <= set(install.argv)


def test_only_what_fetches_reaches_the_network(guest: MemoryGuest) -> None:
    apt.Apt().remove(guest, ("dpkg",))
    apt.Apt().hold(guest, ("dpkg",))
    apt.Apt().update(guest)

    assert [ran.network for ran in guest.commands] == [False, False, True, True]


CONTROLS = b"""\
Filename: ./demo_2.0-1_all.deb
Package: demo
Version: 1:2.0-1
Architecture: all
Depends: libdemo
Description: x
 long
 .
 text

Filename: ./libdemo_1_amd64.deb
Package: libdemo
Version: 1
Architecture: amd64

"""


def test_a_folder_becomes_a_repository_by_what_dpkg_deb_says_of_its_files(guest: MemoryGuest) -> None:
    guest.add("/f/demo_2.0-1_all.deb", "demo")
    guest.add("/f/libdemo_1_amd64.deb", "lib")
    guest.answer(lambda argv, _env: CommandResult(0, CONTROLS) if argv[0] == "/bin/sh" else None)

    found = apt.Apt().index(guest, "/f")

    assert found == {"demo": "1:2.0-1", "libdemo": "1"}
    first, second = guest.read_file("/f/Packages").decode().strip().split("\n\n")
    assert first.startswith("Filename: ./demo_2.0-1_all.deb\nPackage: demo\n")
    assert first.endswith(f"\n text\nSize: 4\nSHA256: {guest.sha256('/f/demo_2.0-1_all.deb')}")
    assert second.endswith(f"\nSize: 3\nSHA256: {guest.sha256('/f/libdemo_1_amd64.deb')}")
    assert guest.commands[0].argv[-1] == "/f"


def test_from_a_folder_no_other_source_is_read_and_no_network_reached(guest: MemoryGuest) -> None:
    sources = []
    guest.answer(lambda argv, _env: sources.append(guest.read_file(argument(argv, "Dir::Etc::sourcelist="))) or 0)

    apt.Apt().install(guest, ("demo=1:2.0-1",), folder="/f")

    assert sources == [b"deb [trusted=yes] file:/f ./\n"] * 2
    assert all("Dir::Etc::sourceparts=/dev/null" in ran.argv for ran in guest.commands)
    assert not any(ran.network for ran in guest.commands)
    assert guest.commands[-1].argv[-2:] == ("install", "demo=1:2.0-1")


def argument(argv: tuple[str, ...], name: str) -> str:
    return next(word.removeprefix(name) for word in argv if word.startswith(name))


@pytest.mark.parametrize(
    ("said", "ran"), [(b"Reading lists...\nRemv libdemo [1]\n", 2), (b"0 upgraded, 0 to remove\n", 1)]
)
def test_what_nothing_needs_is_removed_if_there_is_any(guest: MemoryGuest, said: bytes, ran: int) -> None:
    guest.answer(lambda _argv, _env: CommandResult(0, said))

    apt.Apt().autoremove(guest)

    assert len(guest.commands) == ran
    assert "APT::Get::Simulate=true" in guest.commands[0].argv
    assert "purge" not in " ".join(guest.commands[-1].argv)


def test_a_repository_stands_in_a_file_of_its_own_with_its_key_beside_it(guest: MemoryGuest, tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(b"-----BEGIN PGP PUBLIC KEY BLOCK-----\n")
    mine = Repository(
        name="mine",
        url="https://example.org/debian",
        suites=("bookworm", "bookworm-updates"),
        components=("main",),
        key={"file": str(tmp_path / "key")},
    )

    apt.Apt().declare(guest, mine)

    assert guest.read_file("/etc/apt/sources.list.d/mine.sources").decode() == (
        "Types: deb\nURIs: https://example.org/debian\nSuites: bookworm bookworm-updates\n"
        "Components: main\nSigned-By: /etc/apt/keyrings/mine.asc\n"
    )
    assert guest.read_file("/etc/apt/keyrings/mine.asc").startswith(b"-----BEGIN")


def test_a_key_of_bare_bytes_has_the_suffix_that_apt_expects_of_it(guest: MemoryGuest, tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(b"\x99\x01")
    mine = Repository(name="m", url="http://x/", suites=("./",), key={"file": str(tmp_path / "key")})

    apt.Apt().declare(guest, mine)

    assert guest.exists("/etc/apt/keyrings/m.gpg")


def test_a_flat_repository_of_the_image_itself_may_be_trusted(guest: MemoryGuest) -> None:
    apt.Apt().declare(guest, Repository(name="local", url="/srv/debs", suites=("./",), trusted=True))

    assert guest.read_file("/etc/apt/sources.list.d/local.sources").decode() == (
        "Types: deb\nURIs: file:/srv/debs\nSuites: ./\nTrusted: yes\n"
    )


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({}, "suites"),
        ({"suites": ("bookworm",)}, "components"),
        ({"suites": ("./",), "components": ("main",)}, "components"),
    ],
)
def test_what_apt_could_not_read_is_refused(guest: MemoryGuest, fields: dict[str, tuple[str, ...]], field: str) -> None:
    with pytest.raises(Problem) as caught:
        apt.Apt().declare(guest, Repository(name="m", url="http://x", **fields))

    assert caught.value.field == field


def test_errors_show_the_words_of_apt_as_they_are(guest: MemoryGuest) -> None:
    guest.answer(lambda _argv, _env: CommandResult(100, b"E: none of 1 packages\n"))

    with pytest.raises(CommandFailed) as caught:
        apt.Apt().remove(guest, ("x",))

    assert caught.value.output == "E: none of 1 packages"
