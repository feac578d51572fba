from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from imagekit.identity.catalogue.traces import ITEMS, is_live, is_rotated
from imagekit.testing.memory import Dir, File

if TYPE_CHECKING:
    from imagekit.testing.memory import MemoryGuest

TRACES = {item.id: item for item in ITEMS}


@pytest.mark.parametrize(
    "name", ["syslog.1", "x.log.2.gz", "dpkg.log.1.xz", "messages-20240101", "boot.log-20240101.gz", "x.old"]
)
def test_a_log_that_was_put_aside_is_rotated(debian: MemoryGuest, name: str) -> None:
    debian.add(f"/var/log/{name}", "x")

    assert is_rotated(debian, f"/var/log/{name}")
    assert not is_live(debian, f"/var/log/{name}")


@pytest.mark.parametrize("name", ["syslog", "nginx/access.log", "private/x", "sysstat/sa01"])
def test_a_log_that_may_be_written_to_stays_empty(debian: MemoryGuest, name: str) -> None:
    path = f"/var/log/{name}"
    debian.add(path, File("x", 0o640, 33, 4))
    TRACES["logs"].reset(debian)
    found = debian.lstat(path)

    assert (found.size, found.mode, found.uid, found.gid) == (0, 0o640, 33, 4)


@pytest.mark.parametrize("path", ["/var/log/README", "/var/log/journal/a/b", "/var/log/wtmp", "/var/log/installer/x"])
def test_what_is_no_log_or_another_item_is_left_to_it(debian: MemoryGuest, path: str) -> None:
    debian.add(path, "x")

    assert TRACES["logs"].detect(debian) == ()


def test_the_folder_of_the_journal_stays_since_it_makes_the_journal_last(debian: MemoryGuest) -> None:
    debian.add("/var/log/journal/abc/system.journal", "x")
    TRACES["journal"].reset(debian)

    assert debian.ls("/var/log/journal") == ()
    assert debian.lstat("/var/log/journal").mode == 0o2755


def test_folders_for_temporary_files_stay_open_to_all(debian: MemoryGuest) -> None:
    debian.add("/tmp/.hidden/x", "x")
    debian.add("/var/tmp/x", "x")
    TRACES["tmp"].reset(debian)

    assert (debian.ls("/tmp"), debian.ls("/var/tmp")) == ((), ())
    assert debian.lstat("/tmp").mode == 0o1777


def test_crontabs_are_not_jobs_of_at_nor_the_other_way_round(debian: MemoryGuest) -> None:
    debian.add("/var/spool/cron/crontabs/ada", "x")
    debian.add("/var/spool/cron/root", "x")
    debian.add("/var/spool/cron/atjobs/a1", "x")
    debian.add("/var/spool/cron/atspool", Dir())

    assert TRACES["crontabs"].detect(debian) == ("/var/spool/cron/crontabs/ada", "/var/spool/cron/root")
    assert TRACES["at-jobs"].detect(debian) == ("/var/spool/cron/atjobs/a1",)


@pytest.mark.parametrize(("before", "after"), [("0004f\n", b"00000\n"), ("0\n", b"0\n"), ("00000\n", b"00000\n")])
def test_jobs_of_at_are_counted_from_the_start(debian: MemoryGuest, before: str, after: bytes) -> None:
    debian.add("/var/spool/cron/atjobs/.SEQ", before)
    TRACES["at-jobs"].reset(debian)

    assert debian.read_file("/var/spool/cron/atjobs/.SEQ") == after


def test_lists_of_packages_go_and_what_apt_keeps_there_stays(debian: MemoryGuest) -> None:
    debian.add("/var/lib/apt/lists/mirror_dists_x_Packages", "x")
    debian.add("/var/lib/apt/lists/partial", Dir(0o700))
    debian.add("/var/lib/apt/lists/lock", "")
    TRACES["package-lists"].reset(debian)

    assert debian.ls("/var/lib/apt/lists") == ("lock", "partial")
