from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pydantic import ValidationError

from imagekit.diagnostics import Problem
from imagekit.guest.journal import JournaledGuest
from imagekit.secret import Secret
from imagekit.testing.memory import Dir, File, Link, MemoryGuest
from imagekit.transforms.write_files import WriteFiles, holds_lines

if TYPE_CHECKING:
    from pathlib import Path


def write(guest: MemoryGuest, **entry: object) -> None:
    WriteFiles.model_validate({"files": [entry]}).apply(guest)


def facts_of(guest: MemoryGuest, path: str) -> tuple[int, int, int]:
    stat = guest.lstat(path)
    return stat.mode, stat.uid, stat.gid


def test_a_new_file_is_roots_and_readable(debian: MemoryGuest) -> None:
    write(debian, path="/etc/motd", content="hello\n")

    assert debian.read_file("/etc/motd") == b"hello\n"
    assert facts_of(debian, "/etc/motd") == (0o644, 0, 0)


def test_missing_parents_are_made(debian: MemoryGuest) -> None:
    write(debian, path="/srv/a/b/c", content="")

    assert facts_of(debian, "/srv/a/b") == (0o755, 0, 0)


def test_owner_and_group_are_those_of_the_guest(debian: MemoryGuest) -> None:
    write(debian, path="/x", content="", owner="sshd", group="shadow", mode="4750")

    assert facts_of(debian, "/x") == (0o4750, 101, 42)


def test_owner_and_group_may_be_numbers_that_nobody_has(debian: MemoryGuest) -> None:
    write(debian, path="/x", content="", owner=4711, group="4712")

    assert facts_of(debian, "/x") == (0o644, 4711, 4712)


def test_an_unknown_owner_gets_the_nearest_name_and_nothing_is_written(debian: MemoryGuest) -> None:
    with pytest.raises(Problem) as caught:
        write(debian, path="/x", content="", owner="sshdd")

    assert caught.value.field == "files[0].owner"
    assert "sshd" in caught.value.fix
    assert not debian.exists("/x")


def test_a_file_that_was_there_becomes_what_is_declared(debian: MemoryGuest) -> None:
    debian.add("/x", File("old", mode=0o600, uid=5, gid=5))

    write(debian, path="/x", content="new")

    assert debian.read_file("/x") == b"new"
    assert facts_of(debian, "/x") == (0o644, 0, 0)


def test_a_final_link_is_replaced_and_its_target_left_alone(debian: MemoryGuest) -> None:
    debian.add("/target", "kept")
    debian.add("/x", Link("/target"))

    write(debian, path="/x", content="new")

    assert debian.is_file("/x")
    assert debian.read_file("/target") == b"kept"


def test_append_follows_a_final_link_and_keeps_mode_and_owner(debian: MemoryGuest) -> None:
    debian.add("/target", File("one\n", mode=0o640, uid=7, gid=8))
    debian.add("/x", Link("target"))

    write(debian, path="/x", content="two\n", append=True)

    assert debian.is_symlink("/x")
    assert debian.read_file("/target") == b"one\ntwo\n"
    assert facts_of(debian, "/target") == (0o640, 7, 8)


def test_append_makes_a_missing_file(debian: MemoryGuest) -> None:
    write(debian, path="/x", content="two\n", append=True, mode="0600")

    assert debian.read_file("/x") == b"two\n"
    assert facts_of(debian, "/x") == (0o600, 0, 0)


def test_append_begins_on_a_line_of_its_own(debian: MemoryGuest) -> None:
    debian.add("/x", "one")

    write(debian, path="/x", content="two", append=True)

    assert debian.read_file("/x") == b"one\ntwo"


def test_lines_count_as_there_only_if_they_are_whole() -> None:
    assert holds_lines(b"a\nUsePAM no\nb\n", b"UsePAM no\n")
    assert holds_lines(b"UsePAM no", b"UsePAM no\n")
    assert not holds_lines(b"UsePAM no-one\n", b"UsePAM no")
    assert not holds_lines(b"#UsePAM no\n", b"UsePAM no\n")


def test_a_host_file_is_taken_byte_for_byte(debian: MemoryGuest, tmp_path: Path) -> None:
    (tmp_path / "blob").write_bytes(b"\xff\x00\n")
    step = WriteFiles.model_validate({"files": [{"path": "/x", "source": "blob"}]}, context={"folder": tmp_path})

    step.apply(debian)

    assert debian.read_file("/x") == b"\xff\x00\n"


def templated(folder: Path, text: str, **entry: object) -> WriteFiles:
    (folder / "app.conf").write_text(text)
    context = {"folder": folder, "fill": lambda text, _: lambda facts: text.replace("@", facts.distro)}
    return WriteFiles.model_validate({"files": [{"path": "/x", "template": "app.conf", **entry}]}, context=context)


def test_a_template_is_rendered_for_the_guest(debian: MemoryGuest, rocky: MemoryGuest, tmp_path: Path) -> None:
    step = templated(tmp_path, "made for @\n")
    step.apply(debian)
    step.apply(rocky)

    assert debian.read_file("/x") == b"made for debian\n"
    assert rocky.read_file("/x") == b"made for rocky\n"
    assert facts_of(debian, "/x") == (0o644, 0, 0)


def test_a_template_is_appended_as_it_is_rendered_and_only_once(debian: MemoryGuest, tmp_path: Path) -> None:
    debian.add("/x", "one\n")
    step = templated(tmp_path, "on @\n", append=True)
    step.apply(debian)
    step.apply(debian)

    assert debian.read_file("/x") == b"one\non debian\n"


def test_a_secret_is_readable_by_its_owner_alone(debian: MemoryGuest) -> None:
    step = WriteFiles.model_validate({"files": [{"path": "/x", "content": Secret("hush", "pw")}]})

    step.apply(debian)

    assert debian.read_file("/x") == b"hush"
    assert facts_of(debian, "/x") == (0o600, 0, 0)
    assert "hush" not in step.model_dump_json() + repr(step)


def test_a_directory_is_never_replaced(debian: MemoryGuest) -> None:
    debian.add("/srv/x", Dir())

    with pytest.raises(Problem, match="directory"):
        write(debian, path="/srv/x", content="")


@pytest.mark.parametrize("append", [False, True])
def test_applying_twice_changes_nothing(debian: MemoryGuest, snapshot, append: bool) -> None:
    debian.add("/etc/motd", "welcome")
    entry = {"path": "/etc/motd", "content": "to\nall", "append": append, "mode": "0640", "group": "shadow"}
    write(debian, **entry)
    first = snapshot(debian)

    write(debian, **entry)

    assert snapshot(debian) == first


@pytest.mark.parametrize(
    "entry",
    [
        {"path": "/x"},
        {"path": "/x", "content": "", "source": "y"},
        {"path": "/x", "template": "y"},
        {"path": "x", "content": ""},
        {"path": "/x", "content": "", "mode": 644},
        {"path": "/x", "content": "", "mode": "rw-r--r--"},
        {"path": "/x", "content": "", "owner": "a:b"},
    ],
)
def test_what_is_ambiguous_is_refused(entry: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        WriteFiles.model_validate({"files": [entry]})


def test_lines_that_are_there_already_are_held_by_their_step_all_the_same(debian: MemoryGuest) -> None:
    debian.add("/etc/motd", "one\ntwo\n")
    guest = JournaledGuest(debian)
    guest.begin("s1")

    WriteFiles.model_validate({"files": [{"path": "/etc/motd", "content": "one\n", "append": True}]}).apply(guest)

    assert guest.end() == ()
    assert guest.held["/etc/motd"] == "s1"


def test_append_makes_the_file_that_a_dangling_link_leads_to(debian: MemoryGuest) -> None:
    debian.add("/x", Link("/srv-motd"))

    write(debian, path="/x", content="two\n", append=True)

    assert debian.is_symlink("/x")
    assert debian.read_file("/srv-motd") == b"two\n"
