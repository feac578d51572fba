from __future__ import annotations

import os
import select
import subprocess
import sys

import pytest

from imagekit.images import janitor


@pytest.fixture
def pipe():
    reading, writing = os.pipe()
    yield reading, writing
    os.close(writing)


def heard(pipe, *lines):
    reading, writing = pipe
    os.write(writing, "".join(f"{line}\n" for line in lines).encode())
    closed = os.dup(writing)
    os.dup2(os.open(os.devnull, os.O_WRONLY), writing)
    os.close(closed)
    return janitor.listen(reading)


def test_done_means_that_nothing_is_left_to_do(pipe):
    assert heard(pipe, "pgid 1234567", "done") is None


def test_an_end_without_done_leaves_the_groups_that_were_not_taken_back(pipe):
    assert heard(pipe, "pgid 4194300", "pgid 4194301", "gone 4194300") == {4194301: ""}


def test_a_line_that_makes_no_sense_is_skipped(pipe):
    assert heard(pipe, "pgid -1", "pgid x", "", "hello") == {}


def test_a_group_is_remembered_with_the_start_of_its_leader(pipe):
    groups = heard(pipe, f"pgid {os.getpid()}")

    assert groups is not None
    assert int(groups[os.getpid()]) > 0


@pytest.fixture
def sleeper():
    with subprocess.Popen(["/bin/sleep", "1000"], start_new_session=True) as child:
        yield child
        child.kill()


def test_a_group_is_killed_and_a_zombie_counts_as_gone(sleeper):
    watch = os.pidfd_open(sleeper.pid)

    janitor.kill({sleeper.pid: ""})
    ended = select.select([watch], [], [], 30)[0]
    os.close(watch)

    assert ended
    assert janitor.kill({sleeper.pid: ""})


def test_a_number_that_was_given_to_another_process_is_left_alone(sleeper):
    assert janitor.kill({sleeper.pid: "1"})
    assert sleeper.poll() is None
    assert janitor.alive(sleeper.pid)


def test_folders_and_files_are_removed_and_links_are_not_followed(tmp_path):
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "file").touch()
    (tmp_path / "folder" / "below").mkdir(parents=True)
    (tmp_path / "folder" / "link").symlink_to(tmp_path / "kept")
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to(tmp_path / "kept")

    gone = janitor.remove([str(tmp_path / name) for name in ("folder", "file", "link", "never")])

    assert gone
    assert [path.name for path in tmp_path.rglob("*")] == ["kept", "file"]


def test_what_a_folder_says_is_elsewhere_is_removed_with_it_by_whole_lines(tmp_path):
    for name in ("folder", "sockets", "cut"):
        (tmp_path / name).mkdir()
    (tmp_path / "sockets" / "a.sock").touch()
    (tmp_path / "folder" / "elsewhere").write_text(f"{tmp_path}/sockets\nrelative\n{tmp_path}/cut")

    assert janitor.remove([str(tmp_path / "folder")])
    assert [path.name for path in tmp_path.iterdir()] == ["cut"]


@pytest.mark.parametrize(("last", "left"), [(b"done\n", True), (b"", False)])
def test_the_script_removes_only_when_its_owner_vanished(tmp_path, last, left):
    folder = tmp_path / "work"
    folder.mkdir()

    subprocess.run([sys.executable, "-I", "-S", janitor.__file__, folder], input=last, check=True, timeout=60)

    assert folder.exists() == left
