from __future__ import annotations

import contextlib
import json
import os
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from imagekit.appliance import states as module
from imagekit.appliance.shim import MANIFEST, ROOT, STATE, check
from imagekit.appliance.states import RecordingBusy, States, states_folder

if TYPE_CHECKING:
    from collections.abc import Callable

SOON = 20


@pytest.fixture
def states(tmp_path: Path) -> States:
    return States(tmp_path / "cache" / "warm")


def save(states: States, key: str = "key", *, title: str = "TCG, 1024 MiB", memory: bytes = b"memory") -> Path:
    with states.writing(SOON), states.fresh() as folder:
        (folder / STATE).write_bytes(memory)
        (folder / ROOT).write_bytes(b"root")
        states.publish(folder, key, title)
    return states[key]


def keys(states: States) -> list[str]:
    return [state.key for state in states.listed()]


def names(states: States) -> set[str]:
    return {path.name for path in states.folder.iterdir()} - {"lock"}


def test_they_are_kept_where_the_user_keeps_caches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/var/cache/me")

    assert states_folder() == Path("/var/cache/me/imagekit/warm")


# Making one.
def test_what_was_published_is_there_whole_and_fit(states: States) -> None:
    assert "key" not in states
    folder = save(states)

    check(str(folder))
    assert "key" in states
    assert names(states) == {"key"}
    assert (folder / STATE).read_bytes() == b"memory"


def test_it_is_for_its_user_alone_whatever_the_umask(states: States) -> None:
    old = os.umask(0)
    try:
        folder = save(states)
    finally:
        os.umask(old)

    modes = [path.stat().st_mode & 0o777 for path in (states.folder, folder, states.folder / "lock")]
    assert modes == [0o700, 0o700, 0o600]


def test_what_was_not_published_is_gone(states: States) -> None:
    with contextlib.suppress(KeyError), states.writing(SOON), states.fresh() as folder:
        (folder / STATE).write_bytes(b"memory")
        raise KeyError

    assert names(states) == set()


def test_a_state_that_is_not_complete_is_not_published(states: States) -> None:
    with states.writing(SOON), states.fresh() as folder:
        (folder / STATE).write_bytes(b"memory")
        with pytest.raises(FileNotFoundError):
            states.publish(folder, "key", "")

    assert names(states) == set()


def test_a_new_state_takes_the_place_of_the_old_one(states: States) -> None:
    save(states)
    folder = save(states, memory=b"newer")

    assert (folder / STATE).read_bytes() == b"newer"
    assert names(states) == {"key"}
    assert [state.broken for state in states.listed()] == [""]


@pytest.mark.parametrize("make", [Path.touch, Path.mkdir, lambda path: path.symlink_to("nowhere")])
def test_whatever_stands_in_the_way_of_a_state_goes(states: States, make: Callable[[Path], None]) -> None:
    with states.writing(SOON):
        make(states["key"])
    save(states)

    assert names(states) == {"key"}
    assert [state.broken for state in states.listed()] == [""]


# One writer at a time.
def test_two_writers_exclude_each_other(states: States) -> None:
    inside, done = threading.Event(), threading.Event()

    def write() -> None:
        with states.writing(SOON):
            inside.set()
            done.wait(SOON)

    other = threading.Thread(target=write)
    other.start()
    inside.wait(SOON)
    with pytest.raises(RecordingBusy) as busy, States(states.folder).writing(0.1):
        pass
    done.set()
    other.join()

    assert busy.value.folder == states.folder
    assert busy.value.exit_status == 3
    with states.writing(0):
        pass


def test_a_writer_that_fails_leaves_the_way_free(states: States) -> None:
    with pytest.raises(KeyError), states.writing(SOON):
        raise KeyError

    with states.writing(0):
        pass


def test_what_a_dead_writer_left_is_swept(states: States, tmp_path: Path) -> None:
    save(states)
    (tmp_path / "kept").mkdir()
    for name in ("one", "two"):
        (states.folder / f".new-{name}").mkdir()
        (states.folder / f".new-{name}" / STATE).write_bytes(b"half")
    (states.folder / ".new-file").touch()
    (states.folder / ".new-link").symlink_to(tmp_path / "kept")
    assert keys(states) == ["key"]
    with states.writing(SOON):
        assert names(states) == {"key"}

    assert (tmp_path / "kept").is_dir()


def test_a_folder_that_others_may_enter_is_closed_to_them(states: States) -> None:
    states.folder.mkdir(parents=True)
    states.folder.chmod(0o755)

    check(str(save(states)))


def test_a_link_to_another_folder_is_not_written_to(states: States, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir(mode=0o755)
    states.folder.parent.mkdir()
    states.folder.symlink_to(tmp_path / "other")

    with pytest.raises(PermissionError, match="not a private folder of this user"), states.writing(SOON):
        pass
    assert list((tmp_path / "other").iterdir()) == []
    assert (tmp_path / "other").stat().st_mode & 0o777 == 0o755


def test_a_folder_of_another_user_is_not_written_to(states: States, monkeypatch: pytest.MonkeyPatch) -> None:
    with states.writing(SOON):
        pass
    monkeypatch.setattr(os, "geteuid", lambda: states.folder.stat().st_uid + 1)

    with pytest.raises(PermissionError), states.writing(SOON):
        pass


def test_a_folder_that_cannot_be_made_is_an_error_of_the_system(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(OSError, match="file"), States(tmp_path / "file" / "warm").writing(SOON):
        pass


# Removing.
def test_a_state_that_is_dropped_is_gone_and_nothing_of_it_stays(states: States) -> None:
    save(states, "one")
    save(states, "two")
    states.drop("one")
    states.drop("one")

    assert names(states) == {"two"}


def test_what_was_opened_before_goes_on(states: States) -> None:
    with (save(states) / STATE).open("rb") as memory:
        states.drop("key")

        assert memory.read() == b"memory"


# What is there.
def test_where_nothing_was_ever_saved_nothing_is_there(states: States) -> None:
    assert states.listed() == ()
    assert states.prune() == ()
    assert not states.folder.parent.exists()


def test_a_state_tells_what_it_is_and_when_it_was_made_and_used(states: States) -> None:
    before = time.time()
    save(states, memory=bytes(100_000))
    os.utime(states["key"], (5, 7))
    (state,) = states.listed()

    assert (state.key, state.title, state.broken, state.used) == ("key", "TCG, 1024 MiB", "", 7)
    assert before <= state.made <= time.time()
    assert 100_000 <= state.size < 200_000


def test_the_last_used_comes_first(states: States) -> None:
    for number, key in enumerate(("b", "c", "a")):
        save(states, key)
        os.utime(states[key], (number, number))

    assert keys(states) == ["a", "c", "b"]


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda folder: os.truncate(folder / STATE, 1), "state was changed since it was written"),
        (lambda folder: (folder / ROOT).unlink(), "root.qcow2: No such file or directory"),
        (lambda folder: (folder / MANIFEST).write_text("{}"), "manifest.json cannot be read"),
        (lambda folder: folder.chmod(0o755), "is not a private folder of this user"),
    ],
)
def test_a_broken_one_is_listed_with_its_reason(states: States, spoil: Callable[[Path], None], why: str) -> None:
    spoil(save(states, "bad"))
    save(states, "good")
    listed = {state.key: state.broken for state in states.listed()}

    assert why in listed["bad"]
    assert listed["good"] == ""


@pytest.mark.parametrize("change", [{"title": None}, {"made": None}, {"made": "yesterday"}])
def test_one_whose_words_are_missing_is_broken_too(states: States, change: dict[str, object]) -> None:
    manifest = save(states) / MANIFEST
    known = json.loads(manifest.read_text()) | change
    manifest.write_text(json.dumps({name: value for name, value in known.items() if value is not None}))
    (state,) = states.listed()

    assert state.broken == "it cannot be read"


def test_one_that_goes_while_it_is_looked_at_is_left_out(states: States, monkeypatch: pytest.MonkeyPatch) -> None:
    save(states, "going")
    save(states, "staying")
    looked = module.check

    def check_late(path: str) -> None:
        States(states.folder).drop("going")
        looked(path)

    monkeypatch.setattr(module, "check", check_late)

    assert keys(states) == ["staying"]


def test_a_link_to_a_state_is_broken_and_goes_without_what_it_leads_to(states: States, tmp_path: Path) -> None:
    folder = save(states)
    folder.rename(tmp_path / "kept")
    folder.symlink_to(tmp_path / "kept")
    (removed,) = states.prune()

    assert "not a private folder" in removed.broken
    assert names(states) == set()
    assert (tmp_path / "kept" / STATE).read_bytes() == b"memory"


# Pruning.
def test_no_more_are_kept_than_may_be_the_last_used_stay(states: States) -> None:
    now = time.time()
    for age, key in enumerate("abcd"):
        save(states, key)
        os.utime(states[key], (now - age, now - age))
    removed = states.prune(most=2)

    assert [state.key for state in removed] == ["c", "d"]
    assert keys(states) == ["a", "b"]
    assert names(states) == {"a", "b"}


def test_what_was_not_used_for_long_goes(states: States) -> None:
    now = time.time()
    for age, key in ((86400 * 29, "young"), (86400 * 31, "old")):
        save(states, key)
        os.utime(states[key], (now - age, now - age))

    assert [state.key for state in states.prune()] == ["old"]
    assert keys(states) == ["young"]


def test_what_is_broken_goes(states: States) -> None:
    save(states, "good")
    os.truncate(save(states, "bad") / STATE, 1)

    assert [state.key for state in states.prune()] == ["bad"]
    assert keys(states) == ["good"]


def test_by_default_a_handful_stays(states: States) -> None:
    for number in range(8):
        save(states, str(number))
    states.prune()

    assert len(keys(states)) == 6
