from __future__ import annotations

import pytest

from imagekit.guest.journal import JournaledGuest
from imagekit.identity.makers import Maker
from imagekit.identity.ways import Edited, Emptied, Removed, grouped, row
from imagekit.system.units import SCRIPTS, Job
from imagekit.testing.memory import Dir, File, Link, MemoryGuest


@pytest.fixture
def guest() -> MemoryGuest:
    return MemoryGuest(
        {
            "/etc/a.key": File("secret", 0o600, 3, 4),
            "/etc/b.key": "secret",
            "/etc/old.conf": File("id=7\nmode=x\n", 0o640, 3, 4),
            "/etc/new.conf": "mode=x\n",
            "/srv/state/deep/x": "secret",
            "/srv/empty": "",
            "/srv/link": Link("/etc/old.conf"),
        }
    )


def without_id(text: str) -> str:
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith("id="))


def test_files_that_are_an_identity_are_removed_with_what_is_below(guest: MemoryGuest) -> None:
    way = Removed(("/etc/*.key", "/srv/state/*"))
    there = way.detect(guest)
    way.reset(guest, ())

    assert there == ("/etc/a.key", "/etc/b.key", "/srv/state/deep")
    assert way.detect(guest) == ()
    assert guest.is_dir("/srv/state")


def test_only_those_that_are_one_are_removed(guest: MemoryGuest) -> None:
    way = Removed(("/etc/*.key",), only=lambda _, path: path.endswith("a.key"))
    way.reset(guest, ())

    assert guest.glob_expand("/etc/*.key") == ("/etc/b.key",)


def test_a_link_is_removed_and_what_it_leads_to_is_not(guest: MemoryGuest) -> None:
    Removed(("/srv/link",)).reset(guest, ())

    assert not guest.is_symlink("/srv/link")
    assert guest.exists("/etc/old.conf")


def test_a_file_that_stays_is_emptied_with_mode_and_owner(guest: MemoryGuest) -> None:
    way = Emptied(("/etc/*.key", "/srv/*"))
    there = way.detect(guest)
    way.reset(guest, ("/etc/b.key",))
    found = guest.lstat("/etc/a.key")

    assert there == ("/etc/a.key", "/etc/b.key")
    assert (found.size, found.mode, found.uid, found.gid) == (0, 0o600, 3, 4)
    assert guest.read_file("/etc/b.key") == b"secret"


def test_a_text_loses_its_identity_and_keeps_the_rest_with_mode_and_owner(guest: MemoryGuest) -> None:
    way = Edited(("/etc/*.conf",), without_id)
    there = way.detect(guest)
    way.reset(guest, ())
    found = guest.lstat("/etc/old.conf")

    assert there == ("/etc/old.conf",)
    assert guest.read_file("/etc/old.conf") == b"mode=x\n"
    assert (found.mode, found.uid, found.gid) == (0o640, 3, 4)
    assert way.detect(guest) == ()


def test_the_old_text_is_overwritten_before_the_new_one_is_written(guest: MemoryGuest) -> None:
    told: list[str] = []
    guest.truncate = lambda *paths: told.append(f"truncate {paths}")
    guest.write = lambda path, _: told.append(f"write {path}")
    Edited(("/etc/*.conf",), without_id).reset(guest, ())

    assert told == ["truncate ('/etc/old.conf',)", "write /etc/old.conf"]


def test_a_link_to_a_spared_text_is_spared_as_well(guest: MemoryGuest) -> None:
    way = Edited(("/srv/link",), without_id)
    way.reset(guest, ("/etc/old.conf",))

    assert way.detect(guest) == ("/srv/link",)


def test_a_folder_among_texts_is_passed_over(guest: MemoryGuest) -> None:
    guest.add("/etc/dir.conf", Dir())

    assert Edited(("/etc/*.conf",), without_id).detect(guest) == ("/etc/old.conf",)


def test_a_row_is_an_item_of_its_group_made_of_its_ways(guest: MemoryGuest) -> None:
    ways = (Removed(("/etc/a.key",)), Edited(("/etc/*.conf",), without_id))
    (item,) = grouped("things", row("thing", "a thing", *ways, maker=Maker(always="it makes one"), severity="note"))
    there = item.detect(guest)
    item.reset(guest)

    assert (item.id, item.group, item.title, item.severity) == ("thing", "things", "a thing", "note")
    assert item.paths == ("/etc/a.key", "/etc/*.conf")
    assert there == ("/etc/a.key", "/etc/old.conf")
    assert item.detect(guest) == ()
    assert item.returns(guest) == "it makes one"


def test_a_row_is_an_error_on_by_default_and_confidential_unless_it_says_otherwise() -> None:
    item = row("thing", "a thing", Removed(("/x",)))

    assert (item.severity, item.default, item.brands, item.confidential, item.scope) == (
        "error",
        True,
        True,
        True,
        "guest",
    )


def test_a_job_comes_before_the_identity_goes_and_only_where_there_is_one(debian: MemoryGuest) -> None:
    job = Job("imagekit-thing", "Make a thing", "true\n")
    item = row("thing", "x", Removed(("/etc/thing",)), maker=Maker(job=job, program="/usr/sbin/sshd"))
    item.reset(debian)
    bare = debian.exists(SCRIPTS)
    debian.add("/etc/thing", "x")
    item.reset(debian)

    assert not bare
    assert debian.exists(f"{SCRIPTS}/imagekit-thing")
    assert not debian.exists("/etc/thing")


def test_a_journal_sees_no_change_in_a_second_reset(guest: MemoryGuest) -> None:
    item = row(
        "thing", "x", Removed(("/etc/*.key",)), Emptied(("/srv/state/deep/x",)), Edited(("/etc/*.conf",), without_id)
    )
    journal = JournaledGuest(guest)
    changes = []
    for number in range(2):
        journal.begin(str(number))
        item.reset(journal)
        changes.append(len(journal.end()))

    assert changes == [4, 0]
