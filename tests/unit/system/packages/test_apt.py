from __future__ import annotations

import pytest

from imagekit.system.packages import apt
from imagekit.system.shell import CommandFailed
from imagekit.testing.memory import File, MemoryGuest

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


def test_a_policy_of_the_guest_stays(guest: MemoryGuest) -> None:
    guest.add(apt.POLICY, File("#!/bin/sh\nexit 0\n", mode=0o755))

    apt.Apt().install(guest, ("nginx",))

    assert guest.read_file(apt.POLICY) == b"#!/bin/sh\nexit 0\n"


def test_lists_and_archives_are_kept_apart_and_do_not_stay(guest: MemoryGuest) -> None:
    apt.Apt().install(guest, ("nginx",))

    for ran in guest.commands:
        assert f"Dir::State::lists={apt.WORKSHOP}/lists" in ran.argv
        assert f"Dir::Cache={apt.WORKSHOP}/cache" in ran.argv
    assert not guest.exists(apt.WORKSHOP)
    assert guest.ls("/var/lib/apt/lists") == ("old_Packages",)


def test_nothing_stays_after_a_failure_either(guest: MemoryGuest) -> None:
    guest.answer(lambda _argv, _env: 100)

    with pytest.raises(CommandFailed):
        apt.Apt().install(guest, ("nginx",))

    assert not guest.exists(apt.WORKSHOP)
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
