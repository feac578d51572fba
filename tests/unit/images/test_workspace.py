from __future__ import annotations

import json
import os
import select
import signal
import socket
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import psutil
import pytest

from imagekit.images import janitor, workspace
from imagekit.images.lock import ImageLocked, hold_output
from imagekit.images.workspace import FolderMissing, UnsafeFolder, Workspace, sweep

OWNER = """
import json, signal, sys
from pathlib import Path
from imagekit import process
from imagekit.images.workspace import Workspace

with Workspace.beside(Path(sys.argv[1])) as work:
    (work.path / "overlay.qcow2").write_bytes(b"x" * 4096)
    guarded = process.spawn(["/bin/sleep", "1000"], die_with_parent=False, stdout=process.subprocess.DEVNULL)
    work.guard(guarded.pid)
    print(json.dumps([str(work.path), str(work.runtime), guarded.pid]), flush=True)
    signal.pause()
"""


@pytest.fixture(autouse=True)
def runtime_folder(monkeypatch):
    """A short folder of this test's own, so that parallel tests do not sweep each other's."""
    with tempfile.TemporaryDirectory(prefix="ik", dir="/tmp") as folder:
        monkeypatch.setenv("XDG_RUNTIME_DIR", folder)
        yield folder


def test_both_folders_are_private_and_gone_at_the_end(tmp_path):
    with Workspace.beside(tmp_path / "out.qcow2") as work:
        for folder in (work.path, work.runtime):
            assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert work.path.parent == tmp_path
        (work.path / "deep").mkdir()
        (work.path / "deep" / "file").touch()

    assert list(tmp_path.iterdir()) == []
    assert not work.runtime.exists()


def test_what_a_folder_says_is_elsewhere_goes_with_it(tmp_path, tmp_path_factory):
    sockets = tmp_path_factory.mktemp("sockets")
    with Workspace.beside(tmp_path / "out") as work:
        (work.runtime / "elsewhere").write_text(f"{sockets}\n")
        (sockets / "a.sock").touch()

    assert not sockets.exists()


def test_both_folders_are_gone_after_an_error(tmp_path):
    with pytest.raises(KeyboardInterrupt), Workspace.beside(tmp_path / "out") as work:
        raise KeyboardInterrupt

    assert list(tmp_path.iterdir()) == []
    assert not work.runtime.exists()


def children():
    """Return this process's children; an earlier test of the same process may have left one for good."""
    return set(psutil.Process().children())


def test_the_janitor_ends_with_the_workspace(tmp_path):
    before = children()
    with Workspace.beside(tmp_path / "out"):
        (janitor,) = children() - before
        # A process that has just been started shows no words for an instant.
        words = next(words for words in iter(janitor.cmdline, None) if words)
        assert any("janitor.py" in word for word in words)

    assert children() == before


def test_a_socket_fits_into_the_runtime_folder(tmp_path):
    with Workspace.beside(tmp_path / ("long" * 50)) as work, socket.socket(socket.AF_UNIX) as server:
        server.bind(str(work.runtime / "a-name-of-some-length.sock"))


def test_a_runtime_folder_that_others_may_read_or_with_a_long_path_is_not_taken(tmp_path, monkeypatch):
    for name, mode in (("open", 0o755), ("l" * 80, 0o700)):
        (tmp_path / name).mkdir()
        (tmp_path / name).chmod(mode)
        monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / name))
        with Workspace.beside(tmp_path / "out") as work:
            assert work.runtime.parent != tmp_path / name


def test_the_output_is_locked_while_the_workspace_is_open(tmp_path):
    with Workspace.beside(tmp_path / "out"), pytest.raises(ImageLocked), Workspace.beside(tmp_path / "out"):
        pass


def test_two_outputs_in_one_folder_do_not_hinder_each_other(tmp_path):
    with Workspace.beside(tmp_path / "one") as first, Workspace.beside(tmp_path / "two") as second:
        assert first.path.is_dir()
        assert second.path.is_dir()


def test_scratch_work_locks_no_output(tmp_path):
    with Workspace.scratch(tmp_path) as work:
        assert [path.name for path in tmp_path.iterdir()] == [work.path.name]

    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(FolderMissing, match="no folder"), Workspace.beside(tmp_path / "none" / "out"):
        pass


def test_a_folder_that_everyone_may_change_is_refused_unless_it_is_sticky(tmp_path):
    tmp_path.chmod(0o777)
    with pytest.raises(UnsafeFolder), Workspace.beside(tmp_path / "out"):
        pass
    tmp_path.chmod(0o1777)

    with Workspace.beside(tmp_path / "out") as work:
        assert work.path.is_dir()


def wait_for(watch):
    ended = select.select([watch], [], [], 30)[0]
    os.close(watch)
    return bool(ended)


def janitor_of(owner):
    (janitor,) = (one for one in owner.children() if any("janitor.py" in word for word in one.cmdline()))
    return janitor.pid


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_a_killed_owner_leaves_no_folder_no_lock_and_no_process(tmp_path, how):
    with subprocess.Popen([sys.executable, "-c", OWNER, tmp_path / "out"], stdout=subprocess.PIPE) as owner:
        path, runtime, guarded = json.loads(owner.stdout.readline())
        janitor = janitor_of(psutil.Process(owner.pid))
        watches = [os.pidfd_open(pid) for pid in (janitor, guarded)]

        owner.send_signal(how)

        assert [wait_for(watch) for watch in watches] == [True, True]
        assert not Path(path).exists()
        assert not Path(runtime).exists()
        assert list(tmp_path.iterdir()) == []


def test_no_other_run_begins_before_the_janitor_of_a_killed_one_has_ended(tmp_path):
    with subprocess.Popen([sys.executable, "-c", OWNER, tmp_path / "out"], stdout=subprocess.PIPE) as owner:
        owner.stdout.readline()
        janitor = janitor_of(psutil.Process(owner.pid))
        watch = os.pidfd_open(janitor)
        os.kill(janitor, signal.SIGSTOP)
        owner.kill()
        owner.wait()

        try:
            with pytest.raises(ImageLocked), hold_output(tmp_path / "out"):
                pass
        finally:
            os.kill(janitor, signal.SIGCONT)

        assert wait_for(watch)
        with hold_output(tmp_path / "out") as held:
            assert held.path.exists()


def test_a_killed_janitor_does_not_hinder_its_owner(tmp_path):
    before = children()
    with Workspace.beside(tmp_path / "out") as work:
        (janitor,) = children() - before
        janitor.kill()
        janitor.wait()
        work.guard(4194300)
        work.unguard(4194300)

    assert list(tmp_path.iterdir()) == []


def test_a_sweep_removes_what_dead_runs_left_and_nothing_else(tmp_path, tmp_path_factory):
    dead = tmp_path / ".imagekit-0123456789ab"
    dead.mkdir()
    (dead / "owner").touch()
    (dead / "overlay.qcow2").touch()
    sockets = tmp_path_factory.mktemp("sockets")
    (dead / "elsewhere").write_text(f"{sockets}\n")
    (tmp_path / ".out.imagekit-lock").touch()
    new = tmp_path / ".imagekit-ba9876543210"
    new.mkdir()
    other = tmp_path_factory.mktemp("other")
    (other / "owner").touch()
    (tmp_path / ".imagekit-000000000000").symlink_to(other)
    (tmp_path / ".imagekit-notes").mkdir()

    swept = sweep(tmp_path)

    assert {path.name for path in swept} == {dead.name, ".out.imagekit-lock"}
    assert not dead.exists()
    assert not sockets.exists()
    assert new.exists()
    assert (other / "owner").exists()


def test_a_sweep_leaves_the_folders_of_living_runs(tmp_path):
    with Workspace.beside(tmp_path / "out") as work:
        assert sweep(tmp_path) == ()
        assert work.path.is_dir()


def test_a_sweep_leaves_what_belongs_to_another_user(tmp_path, monkeypatch):
    dead = tmp_path / ".imagekit-0123456789ab"
    dead.mkdir()
    (dead / "owner").touch()
    monkeypatch.setattr(workspace.os, "geteuid", lambda: dead.stat().st_uid + 1)

    assert sweep(tmp_path) == ()


def test_a_folder_without_an_owner_is_swept_once_it_is_old(tmp_path):
    old = tmp_path / ".imagekit-0123456789ab"
    old.mkdir()
    os.utime(old, (0, 0))

    assert sweep(tmp_path) == (old,)


def test_a_sweep_of_a_folder_that_cannot_be_read_does_nothing(tmp_path):
    assert sweep(tmp_path / "none") == ()


def test_what_cannot_be_removed_is_left_to_the_janitor(tmp_path, monkeypatch):
    really = janitor.shutil.rmtree
    monkeypatch.setattr(janitor.shutil, "rmtree", lambda path, **options: None)

    with Workspace.scratch(tmp_path):
        pass
    monkeypatch.setattr(janitor.shutil, "rmtree", really)

    assert list(tmp_path.iterdir()) == []
