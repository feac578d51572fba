from __future__ import annotations

import pytest
from pydantic import ValidationError

from imagekit.testing.memory import File, MemoryGuest
from imagekit.transforms.hostname import Hostname


def test_the_name_stands_alone_on_its_line(debian: MemoryGuest) -> None:
    Hostname(name="web-1").apply(debian)

    assert debian.read_file("/etc/hostname") == b"web-1\n"


def test_mode_and_owner_of_the_file_stay() -> None:
    guest = MemoryGuest({"/etc/hostname": File("old\n", mode=0o600, uid=3, gid=4)})

    Hostname(name="new").apply(guest)

    stat = guest.lstat("/etc/hostname")
    assert (stat.mode, stat.uid, stat.gid) == (0o600, 3, 4)


def test_the_guest_resolves_its_own_full_and_short_name(debian: MemoryGuest) -> None:
    Hostname(name="web-1.example.org").apply(debian)

    hosts = debian.read_file("/etc/hosts").decode()
    assert "127.0.1.1\tweb-1.example.org web-1\n" in hosts
    assert "127.0.0.1\tlocalhost\n" in hosts
    assert "debian" not in hosts


def test_no_entry_is_added_where_there_was_none(rocky: MemoryGuest) -> None:
    before = rocky.read_file("/etc/hosts")

    Hostname(name="web").apply(rocky)

    assert rocky.read_file("/etc/hosts") == before


def test_old_suse_systems_keep_a_second_file(opensuse: MemoryGuest) -> None:
    opensuse.add("/etc/HOSTNAME", "old.site\n")

    Hostname(name="web").apply(opensuse)

    assert opensuse.read_file("/etc/HOSTNAME") == b"web\n"


@pytest.mark.parametrize("name", ["debian", "alpine", "opensuse", "rocky"])
def test_applying_twice_changes_nothing(request, snapshot, name: str) -> None:
    guest = request.getfixturevalue(name)
    Hostname(name="web-1.example.org").apply(guest)
    first = snapshot(guest)

    Hostname(name="web-1.example.org").apply(guest)

    assert snapshot(guest) == first


@pytest.mark.parametrize("name", ["", "-web", "web-", "we_b", "a..b", "a" * 64, "web\n", "x." * 32 + "xx"])
def test_what_is_no_host_name_is_refused(name: str) -> None:
    with pytest.raises(ValidationError):
        Hostname(name=name)
