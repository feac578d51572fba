from __future__ import annotations

import base64
import gzip
import re
from typing import TYPE_CHECKING, Any

from imagekit import process
from imagekit.appliance import snapshot
from imagekit.appliance.snapshot import Sight, compare, parse
from imagekit.guest.changes import FileState

if TYPE_CHECKING:
    from pathlib import Path

FILE = FileState(kind="file", mode=0o644, uid=0, gid=0, size=3)
DIRECTORY = FileState(kind="directory", mode=0o755, uid=0, gid=0)
LINK = FileState(kind="symlink", mode=0o777, uid=0, gid=0, target="a")


def digests(path: str) -> str:
    return f"digest of {path}"


def nothing(path: str) -> None:
    return None


# The list.
def test_each_kind_is_read_with_what_belongs_to_it() -> None:
    listing = (
        b"d 755 0 0 4096 1.5 \0\0"
        b"f 4755 0 42 7 2.5 \0usr/bin/su\0"
        b"l 777 0 0 3 3.5 a b\0etc/with blank\n\0"
        b"c 600 5 6 0 4.5 \0dev/tty\0"
    )

    assert parse(listing) == {
        "/": Sight(DIRECTORY, "1.5"),
        "/usr/bin/su": Sight(FileState(kind="file", mode=0o4755, uid=0, gid=42, size=7), "2.5"),
        "/etc/with blank\n": Sight(FileState(kind="symlink", mode=0o777, uid=0, gid=0, target="a b"), "3.5"),
        "/dev/tty": Sight(FileState(kind="other", mode=0o600, uid=5, gid=6), "4.5"),
    }


def test_a_name_that_is_no_text_is_told_all_the_same() -> None:
    assert list(parse(b"f 644 0 0 0 1.0 \0\xff\0")) == ["/\\xff"]


def test_an_empty_list_is_an_empty_tree() -> None:
    assert parse(b"") == {}


def test_what_the_real_find_writes_is_read(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "motd").write_text("abc")
    (tmp_path / "etc" / "link").symlink_to("motd")
    (tmp_path / "proc").mkdir()
    (tmp_path / "proc" / "1").write_text("")
    taken = snapshot.take(Shell(tmp_path))

    assert {path: sight.state.kind for path, sight in taken.items()} == {
        "/": "directory",
        "/etc": "directory",
        "/etc/motd": "file",
        "/etc/link": "symlink",
    }
    assert taken["/etc/motd"].state.size == 3
    assert taken["/etc/link"].state.target == "motd"


class Shell:
    """A session whose appliance is this host, with the guest in a folder."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def script(self, text: str, *, deadline: float | None = None) -> str:
        text = text.replace("/tmp/snapshot", f"{self.root}.snapshot").replace("/sysroot", str(self.root))
        return process.run(["/bin/sh", "-c", text]).stdout


def test_a_long_list_comes_in_pieces(session: Any) -> None:
    listing = b"".join(b"f 644 0 0 0 1.0 \0%d\0" % number for number in range(1000))
    packed = gzip.compress(listing, 1)

    def script(text: str) -> str:
        start = re.search(r"tail -c \+(\d+)", text)
        if start is None:
            return ""
        return base64.b64encode(packed[int(start[1]) - 1 :][:1000]).decode()

    session.answers["script"] = script

    assert len(snapshot.take(session)) == 1000


# What differs.
def test_nothing_differs_between_equal_trees() -> None:
    tree = {"/": Sight(DIRECTORY, "1"), "/a": Sight(FILE, "1"), "/b": Sight(LINK, "1")}

    assert compare(tree, dict(tree), digests) == ()


def test_what_was_made_has_a_digest_and_what_went_has_none() -> None:
    before, after = {"/old": Sight(FILE, "1")}, {"/new": Sight(FILE, "2")}
    made, gone = compare(before, after, digests)

    assert (made.path, made.action, made.after and made.after.sha256) == ("/new", "created", "digest of /new")
    assert (gone.path, gone.action, gone.before) == ("/old", "removed", FILE)


def test_a_file_that_was_written_to_is_told_though_its_state_is_the_same() -> None:
    (change,) = compare({"/a": Sight(FILE, "1")}, {"/a": Sight(FILE, "2")}, digests)

    assert change.action == "changed"
    assert change.before == FILE
    assert change.after == FILE.model_copy(update={"sha256": "digest of /a"})


def test_a_directory_whose_entries_changed_is_not_told_of_itself() -> None:
    before = {"/d": Sight(DIRECTORY, "1")}
    after = {"/d": Sight(DIRECTORY, "2"), "/d/l": Sight(LINK, "2")}

    assert [change.path for change in compare(before, after, digests)] == ["/d/l"]


def test_a_directory_whose_mode_changed_is_told() -> None:
    other = DIRECTORY.model_copy(update={"mode": 0o700})
    (change,) = compare({"/d": Sight(DIRECTORY, "1")}, {"/d": Sight(other, "2")}, digests)

    assert (change.before, change.after) == (DIRECTORY, other)


def test_a_link_that_points_elsewhere_is_told() -> None:
    other = LINK.model_copy(update={"target": "b"})

    assert [change.action for change in compare({"/l": Sight(LINK, "1")}, {"/l": Sight(other, "2")}, digests)] == [
        "changed"
    ]


def test_a_file_that_cannot_be_read_any_more_is_told_without_a_digest() -> None:
    (change,) = compare({}, {"/a": Sight(FILE, "2")}, nothing)

    assert change.after == FILE


def test_changes_come_sorted_by_path() -> None:
    after = {path: Sight(FILE, "1") for path in ("/c", "/a", "/b")}

    assert [change.path for change in compare({}, after, digests)] == ["/a", "/b", "/c"]
