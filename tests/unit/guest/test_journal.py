from __future__ import annotations

import contextlib
import hashlib
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings, strategies as st

from imagekit.guest.errors import GuestDiskFull, GuestError
from imagekit.guest.journal import Change, FileState, JournaledGuest, compare_trees, held_paths
from imagekit.guest.observe import Observer
from imagekit.testing.contract.base import make_tar
from imagekit.testing.memory import Dir, File, Link, MemoryGuest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Steps = Callable[[JournaledGuest], None]


@pytest.fixture
def behind() -> MemoryGuest:
    return MemoryGuest(
        {
            "/etc/hostname": "old\n",
            "/etc/shadow": File("root:*\n", 0o640, gid=42),
            "/etc/machine-id": "0123\n",
            "/etc/link": Link("hostname"),
            "/etc/empty": "",
            "/srv/tree/a/x": "x",
            "/srv/tree/link": Link("a"),
            "/way": Link("/srv/tree"),
        }
    )


@pytest.fixture
def guest(behind: MemoryGuest) -> JournaledGuest:
    guest = JournaledGuest(behind, conceal=lambda path: path == "/etc/machine-id", keep_text=True)
    guest.begin("step-1")
    return guest


def summary(changes: tuple[Change, ...]) -> dict[str, str]:
    return {change.path: change.action for change in changes}


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


# What changed.
def test_a_changed_file_is_told_with_both_states_and_a_diff(guest: JournaledGuest) -> None:
    guest.write("/etc/hostname", "new\n")
    (change,) = guest.end()

    assert (change.path, change.action) == ("/etc/hostname", "changed")
    assert change.before is not None
    assert change.after is not None
    assert (change.before.sha256, change.before.size) == (digest("old\n"), 4)
    assert (change.after.sha256, change.after.mode) == (digest("new\n"), 0o644)
    assert change.diff == "--- a/etc/hostname\n+++ b/etc/hostname\n@@ -1 +1 @@\n-old\n+new\n"


def test_several_writes_of_a_step_are_one_change(guest: JournaledGuest) -> None:
    guest.write("/etc/new", "a")
    guest.write_append("/etc/new", "b")
    guest.chmod(0o600, "/etc/new")
    guest.chown(1, 2, "/etc/new")
    (change,) = guest.end()

    assert change.action == "created"
    assert change.after is not None
    assert (change.after.sha256, change.after.mode, change.after.uid, change.after.gid) == (digest("ab"), 0o600, 1, 2)


def test_a_path_has_one_name_whatever_link_it_was_reached_by(guest: JournaledGuest) -> None:
    guest.write("/way/new", "1")
    guest.write("/srv/tree/new", "2")
    guest.write("/etc/link", "through the link\n")

    assert summary(guest.end()) == {"/etc/hostname": "changed", "/srv/tree/new": "created"}


def test_what_is_made_and_removed_again_is_no_change(guest: JournaledGuest) -> None:
    guest.mkdir_p("/srv/new/deep")
    guest.write("/srv/new/deep/x", "")
    guest.rm_rf("/srv/new")
    guest.write("/etc/hostname", "new\n")
    guest.write("/etc/hostname", "old\n")
    guest.rm_f("/etc/empty")
    guest.touch("/etc/empty")

    assert guest.end() == ()


def test_a_removed_tree_lists_every_path(guest: JournaledGuest) -> None:
    guest.rm_rf("/srv/tree")
    changes = guest.end()

    assert summary(changes) == dict.fromkeys(["/srv/tree", "/srv/tree/a", "/srv/tree/a/x", "/srv/tree/link"], "removed")
    assert changes[2].before is not None
    assert (changes[2].before.size, changes[2].before.sha256) == (1, None)


def test_a_removed_link_is_the_only_thing_removed(guest: JournaledGuest) -> None:
    guest.rm_rf("/way")
    (change,) = guest.end()

    assert change.path == "/way"
    assert change.before is not None
    assert change.before.target == "/srv/tree"


def test_every_directory_that_is_made_is_listed(guest: JournaledGuest) -> None:
    guest.mkdir_p("/way/b/c")

    assert summary(guest.end()) == {"/srv/tree/b": "created", "/srv/tree/b/c": "created"}


def test_a_moved_tree_is_gone_here_and_made_there(guest: JournaledGuest) -> None:
    guest.mv("/srv/tree", "/etc")
    changes = guest.end()
    there = ["/etc/tree", "/etc/tree/a", "/etc/tree/a/x", "/etc/tree/link"]
    here = ["/srv/tree", "/srv/tree/a", "/srv/tree/a/x", "/srv/tree/link"]

    assert summary(changes) == {**dict.fromkeys(there, "created"), **dict.fromkeys(here, "removed")}
    assert changes[2].after is not None
    assert changes[2].after.sha256 == digest("x")


@pytest.mark.parametrize("target", ["hostname", "nothing"])
def test_a_move_onto_a_link_replaces_the_link(guest: JournaledGuest, behind: MemoryGuest, target: str) -> None:
    behind.add("/etc/link", Link(target))
    guest.mv("/etc/shadow", "/etc/link")

    assert summary(guest.end()) == {"/etc/link": "changed", "/etc/shadow": "removed"}
    assert set(guest.held) == {"/etc/link"}


def test_a_file_is_copied_through_a_link_and_a_link_over_it(guest: JournaledGuest) -> None:
    guest.cp_a("/etc/shadow", "/etc/link")
    through = summary(guest.end())
    guest.begin("step-2")
    guest.cp_a("/way", "/etc/link")

    assert through == {"/etc/hostname": "changed"}
    assert summary(guest.end()) == {"/etc/link": "changed"}


def test_a_copied_tree_lists_what_was_made_and_what_was_replaced(guest: JournaledGuest) -> None:
    guest.mkdir_p("/copy/tree/a")
    guest.write("/copy/tree/a/x", "old")
    guest.begin("step-2")
    guest.cp_a("/srv/tree", "/copy")

    assert summary(guest.end()) == {"/copy/tree/a/x": "changed", "/copy/tree/link": "created"}


def test_a_tar_lists_what_it_made_with_its_digests(guest: JournaledGuest, behind: MemoryGuest, tmp_path: Path) -> None:
    guest.tar_in(make_tar(tmp_path / "a.tar", {"d/e": None, "d/e/f": b"text\n", "x": b"new"}), "/way")
    changes = guest.end()

    assert summary(changes) == {
        "/srv/tree/d": "created",
        "/srv/tree/d/e": "created",
        "/srv/tree/d/e/f": "created",
        "/srv/tree/x": "created",
    }
    assert changes[2].after is not None
    assert changes[2].after.sha256 == digest("text\n")
    assert changes[2].diff is not None
    assert behind.read_file("/srv/tree/d/e/f") == b"text\n"


def test_a_tar_replaces_a_link_by_a_directory_of_that_name(guest: JournaledGuest, tmp_path: Path) -> None:
    guest.tar_in(make_tar(tmp_path / "a.tar", {"way": None, "way/a": b"new", "srv": None}), "/")

    assert summary(guest.end()) == {"/srv": "changed", "/way": "changed", "/way/a": "created"}


def test_an_upload_is_told_like_a_write(guest: JournaledGuest, tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"\0" * (2 << 20))
    guest.upload(tmp_path / "x", "/etc/hostname")
    (change,) = guest.end()

    assert change.after is not None
    assert (change.after.size, change.after.sha256) == (2 << 20, digest("\0" * (2 << 20)))
    assert change.diff is None


def test_a_file_that_became_a_link_is_changed(guest: JournaledGuest) -> None:
    guest.ln_sf("shadow", "/etc/hostname")
    (change,) = guest.end()

    assert change.action == "changed"
    assert change.after is not None
    assert (change.after.kind, change.after.target) == ("symlink", "shadow")


def test_an_attribute_is_told_by_its_name(guest: JournaledGuest) -> None:
    guest.setxattr("/etc/hostname", "user.b", b"1")
    guest.setxattr("/etc/link", "user.a", b"2")
    (change,) = guest.end()

    assert (change.path, change.action, change.attributes) == ("/etc/hostname", "changed", ("user.a", "user.b"))


def test_a_link_that_changes_moves_what_is_below_it(guest: JournaledGuest) -> None:
    guest.mkdir_p("/other")
    guest.write("/way/1", "")
    guest.ln_sf("other", "/way")
    guest.write("/way/2", "")

    assert set(summary(guest.end())) == {"/other", "/srv/tree/1", "/way", "/other/2"}


def test_a_path_that_could_not_be_written_is_not_looked_for_behind_a_later_link(guest: JournaledGuest) -> None:
    with contextlib.suppress(GuestError):
        guest.write("/new/hostname", "")
    guest.ln_sf("etc", "/new")

    assert summary(guest.end()) == {"/new": "created"}


# What changes nothing.
NOTHING: dict[str, Steps] = {
    "write": lambda guest: guest.write("/etc/hostname", "old\n"),
    "write through a link": lambda guest: guest.write("/etc/link", b"old\n"),
    "write_append": lambda guest: guest.write_append("/etc/hostname", ""),
    "touch": lambda guest: guest.touch("/etc/hostname"),
    "truncate": lambda guest: guest.truncate("/etc/empty"),
    "mkdir_p": lambda guest: guest.mkdir_p("/srv/tree/a"),
    "mkdir_p of a link": lambda guest: guest.mkdir_p("/way"),
    "ln_sf": lambda guest: guest.ln_sf("hostname", "/etc/link"),
    "chmod": lambda guest: guest.chmod(0o640, "/etc/shadow"),
    "chown": lambda guest: guest.chown(0, 42, "/etc/shadow"),
    "rm_f": lambda guest: guest.rm_f("/etc/nothing"),
    "rm_rf": lambda guest: guest.rm_rf("/nothing/at/all"),
    "erase": lambda guest: guest.erase("/etc/nothing"),
}


@pytest.mark.parametrize("name", NOTHING)
def test_a_verb_that_would_change_nothing_is_dropped(guest: JournaledGuest, behind: MemoryGuest, name: str) -> None:
    verb = name.split(maxsplit=1)[0]
    behind.fail(verb, error=GuestDiskFull(verb, "must not be called"))
    NOTHING[name](guest)

    assert guest.end() == ()


def test_an_equal_upload_and_an_equal_attribute_are_dropped(
    guest: JournaledGuest, behind: MemoryGuest, tmp_path: Path
) -> None:
    (tmp_path / "x").write_text("old\n")
    guest.setxattr("/etc/hostname", "user.x", b"1")
    guest.begin("step-2")
    behind.fail("upload", error=GuestDiskFull("upload", "must not be called"))
    behind.fail("setxattr", error=GuestDiskFull("setxattr", "must not be called"))
    guest.upload(tmp_path / "x", "/etc/hostname")
    guest.setxattr("/etc/hostname", "user.x", b"1")

    assert guest.end() == ()


# What must not be told.
def test_a_concealed_path_tells_that_it_changed_and_nothing_else(guest: JournaledGuest) -> None:
    guest.write("/etc/machine-id", "4567\n")
    (change,) = guest.end()

    assert change.before is not None
    assert change.after is not None
    assert (change.action, change.before.sha256, change.before.size) == ("changed", None, None)
    assert (change.after.sha256, change.after.size, change.diff) == (None, None, None)


def test_what_is_copied_or_moved_from_a_concealed_path_is_concealed(guest: JournaledGuest) -> None:
    guest.cp_a("/etc/machine-id", "/etc/copy")
    guest.mv("/etc/machine-id", "/etc/moved")
    changes = {change.path: change for change in guest.end()}

    for path in ("/etc/copy", "/etc/moved"):
        state = changes[path].after
        assert state is not None
        assert (state.sha256, state.size, changes[path].diff) == (None, None, None)


def test_a_secret_step_tells_no_digest_and_no_diff(guest: JournaledGuest) -> None:
    guest.begin("step-2", secret=True)
    guest.write("/etc/hostname", "secret\n")
    (change,) = guest.end()

    assert change.after is not None
    assert (change.after.sha256, change.after.size, change.diff) == (None, None, None)


@pytest.mark.parametrize("content", ["secret\n", "old\n"], ids=["written", "found"])
def test_what_a_secret_step_wrote_is_not_told_by_a_later_one(guest: JournaledGuest, content: str) -> None:
    guest.begin("step-2", secret=True)
    guest.write("/etc/hostname", content)
    guest.end()
    guest.begin("step-3")
    guest.write_append("/etc/link", "more\n")
    guest.write("/etc/empty", "told\n")
    told, concealed = guest.end()

    assert told.diff is not None
    assert concealed.diff is None
    assert concealed.before is not None
    assert concealed.before.sha256 is None


def test_diffs_are_kept_only_if_asked(behind: MemoryGuest) -> None:
    guest = JournaledGuest(behind)
    guest.begin("step-1")
    guest.write("/etc/hostname", "new\n")
    (change,) = guest.end()

    assert change.diff is None


@pytest.mark.parametrize("content", [b"\xff\n", b"a\0b", b"x" * 65537], ids=["bytes", "NUL", "long"])
def test_what_is_no_small_text_has_no_diff(guest: JournaledGuest, content: bytes) -> None:
    guest.write("/etc/hostname", content)
    (change,) = guest.end()

    assert change.diff is None


# What is held, and how steps are counted.
def test_a_step_holds_what_it_wrote_even_if_that_changed_nothing(guest: JournaledGuest, tmp_path: Path) -> None:
    guest.write("/etc/link", "old\n")
    guest.begin("step-2")
    guest.tar_in(make_tar(tmp_path / "a.tar", {"t": b""}), "/way")
    guest.cp_a("/srv/tree/a", "/copy")
    guest.ln_sf("hostname", "/etc/link")
    guest.mkdir_p("/srv")

    assert guest.held == {
        "/etc/hostname": "step-1",
        "/srv/tree/t": "step-2",
        "/copy": "step-2",
        "/copy/x": "step-2",
        "/etc/link": "step-2",
        "/srv": "step-2",
    }


def test_the_last_step_that_wrote_holds_and_looking_modes_and_removing_do_not(guest: JournaledGuest) -> None:
    guest.write("/etc/hostname", "1")
    guest.write("/srv/tree/a/x", "1")
    guest.begin("step-2")
    guest.write("/etc/hostname", "2")
    guest.rm_rf("/srv/tree")
    guest.chmod(0o600, "/etc/machine-id")
    guest.chown(1, 1, "/etc/machine-id")
    guest.touch("/etc/shadow")

    assert guest.held == {"/etc/hostname": "step-2"}


def test_a_moved_path_is_held_under_its_new_name(guest: JournaledGuest) -> None:
    guest.write("/srv/tree/a/x", "1")
    guest.mv("/srv/tree", "/moved")

    assert set(guest.held) == {"/moved", "/moved/a", "/moved/a/x", "/moved/link"}


def test_commands_are_counted_per_step(guest: JournaledGuest, behind: MemoryGuest) -> None:
    behind.answer(lambda argv, _: 3)
    result = guest.command(["/bin/x", "y"], env={"A": "1"}, network=True)
    counted = guest.commands_run
    guest.end()
    guest.begin("step-2")

    assert result.status == 3
    assert (counted, guest.commands_run) == (1, 0)
    assert behind.commands == [(("/bin/x", "y"), {"A": "1"}, True)]


def test_what_a_command_left_in_a_folder_of_the_step_was_never_there(
    guest: JournaledGuest, behind: MemoryGuest
) -> None:
    behind.answer(lambda _argv, _env: behind.add("/srv/work/lists/index", "x") or 0)

    guest.mkdir_p("/srv/work")
    guest.command(["apt-get"])
    guest.rm_rf("/srv/work")

    assert guest.end() == ()
    assert not behind.exists("/srv/work")


def test_what_a_command_makes_of_a_written_file_is_what_is_told(guest: JournaledGuest, behind: MemoryGuest) -> None:
    def sed(argv: tuple[str, ...], _: object) -> int:
        behind.write("/etc/hostname", "edited\n")
        return 0

    behind.answer(sed)
    guest.write("/etc/hostname", "written\n")
    guest.command(["sed"])
    (change,) = guest.end()

    assert change.after is not None
    assert change.after.sha256 == digest("edited\n")


def test_the_changes_of_a_step_are_its_own(guest: JournaledGuest) -> None:
    guest.write("/etc/hostname", "1\n")
    guest.end()
    guest.begin("step-2")
    guest.write("/etc/new", "2\n")

    assert summary(guest.end()) == {"/etc/new": "created"}


def test_an_error_of_the_guest_comes_through(guest: JournaledGuest, behind: MemoryGuest) -> None:
    behind.fail("write", path="/etc/hostname", error=GuestDiskFull("write", "/etc/hostname"))

    with pytest.raises(GuestDiskFull):
        guest.write("/etc/hostname", "new\n")
    assert guest.end() == ()
    assert guest.held == {}


class Counting(MemoryGuest):
    """Counts the guest calls by verb."""

    calls: Counter[str]

    def _begin(self, verb: str, path: str) -> None:
        self.__dict__.setdefault("calls", Counter())[verb] += 1
        super()._begin(verb, path)


def test_a_write_looks_once_before_and_once_after() -> None:
    behind = Counting({"/etc/a": Dir(), "/etc/old": "1"})
    guest = JournaledGuest(behind)
    guest.begin("step-1")
    guest.write("/etc/a/1", "new")
    guest.write("/etc/a/2", "new")
    guest.write("/etc/old", "other")
    guest.end()

    assert (behind.calls["realpath"], behind.calls["lstat"], behind.calls["read_file"]) == (2, 6, 1)
    assert set(behind.calls) == {"realpath", "lstat", "read_file", "write"}


def test_a_tree_that_a_tar_makes_is_looked_at_once(tmp_path: Path) -> None:
    members: dict[str, str | bytes | None] = {"new": None, **{f"new/{i}": b"x" for i in range(50)}}
    behind = Counting({"/srv": Dir()})
    guest = JournaledGuest(behind)
    guest.begin("step-1")
    guest.tar_in(make_tar(tmp_path / "a.tar", members), "/srv")
    before = behind.calls["lstat"]

    assert len(guest.end()) == 51
    assert before <= 4
    assert behind.calls["read_file"] == 0


def test_a_removed_tree_is_not_looked_at_again() -> None:
    behind = Counting({f"/srv/tree/{i}": "x" for i in range(50)})
    guest = JournaledGuest(behind)
    guest.begin("step-1")
    guest.rm_rf("/srv/tree")
    before = behind.calls["lstat"]

    assert len(guest.end()) == 51
    assert behind.calls["lstat"] == before + 1


# Whatever the verbs are, the journal tells what a look at the whole tree before and after tells.
NAMES = ("/a", "/a/b", "/a/b/c", "/l", "/l/b", "/m", "/x", "/a/x", "/l/x")
ANY = st.sampled_from(NAMES)
VERBS = st.one_of(
    st.tuples(st.just("write"), ANY, st.sampled_from(["", "1", "2"])),
    st.tuples(st.just("write_append"), ANY, st.sampled_from(["", "1"])),
    st.tuples(st.sampled_from(["mkdir_p", "rm_f", "rm_rf", "erase", "touch", "truncate"]), ANY),
    st.tuples(st.sampled_from(["mv", "cp_a"]), ANY, ANY),
    st.tuples(st.just("ln_sf"), st.sampled_from(["a", "/a/b", "x", "l", "nothing", ".."]), ANY),
    st.tuples(st.just("chmod"), st.sampled_from([0o600, 0o755, 0o4755]), ANY),
    st.tuples(st.just("chown"), st.sampled_from([0, 1]), st.just(0), ANY),
)


def snapshot(guest: MemoryGuest) -> dict[str, FileState]:
    observer = Observer(guest)
    seen = {path: observer.see(observer.look(path)) for path in guest.find("/")}
    return {path: sight.state for path, sight in seen.items() if sight}


def without_digests(changes: tuple[Change, ...]) -> list[tuple[str, FileState | None, FileState | None]]:
    return [
        (change.path, *(side and side.model_copy(update={"sha256": None}) for side in (change.before, change.after)))
        for change in changes
    ]


@settings(max_examples=150)
@given(st.lists(VERBS, max_size=5), st.lists(VERBS, max_size=8))
def test_the_journal_tells_what_comparing_the_whole_tree_tells(
    earlier: list[tuple[object, ...]], step: list[tuple[object, ...]]
) -> None:
    behind = MemoryGuest({"/a/b/c": "c", "/l": Link("a"), "/m": Link("/a/b"), "/x": "x"})
    guest = JournaledGuest(behind)
    perform(guest, earlier)
    before = snapshot(behind)
    guest.begin("step-1")
    perform(guest, step)
    told = guest.end()
    compared = compare_trees(before, snapshot(behind))
    rewritten = {path for path, _, _ in without_digests(told)} - {path for path, _, _ in without_digests(compared)}

    assert [one for one in without_digests(told) if one[0] not in rewritten] == without_digests(compared)
    assert all(change.before and change.before.sha256 is None for change in told if change.path in rewritten)


def perform(guest: JournaledGuest, verbs: list[tuple[object, ...]]) -> None:
    for verb, *arguments in verbs:
        with contextlib.suppress(GuestError):
            getattr(guest, str(verb))(*arguments)


def test_what_is_released_is_held_no_more() -> None:
    guest = JournaledGuest(MemoryGuest({"/etc/a": "", "/etc/b": ""}))
    guest.begin("put")
    guest.write("/etc/a", "x")
    guest.write("/etc/b", "x")
    guest.end()
    guest.release("/etc/a", "/etc/none")

    assert held_paths(guest) == {"/etc/b"}
    assert held_paths(MemoryGuest()) == frozenset()


def test_several_files_that_are_emptied_are_noted_each_and_those_that_were_empty_are_not() -> None:
    guest = JournaledGuest(MemoryGuest({"/var/a": "x", "/var/b": "x", "/var/c": ""}))
    guest.begin("step")
    guest.truncate("/var/a", "/var/b", "/var/c")
    changes = guest.end()

    assert [change.path for change in changes] == ["/var/a", "/var/b"]
    assert held_paths(guest) == {"/var/a", "/var/b", "/var/c"}
