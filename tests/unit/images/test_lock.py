from __future__ import annotations

import contextlib
import fcntl
import os
import struct
import threading

import pytest

from imagekit.images import lock
from imagekit.images.lock import CannotLock, ImageLocked, hold_exclusive, hold_output, hold_shared


@pytest.fixture
def image(tmp_path):
    path = tmp_path / "image.qcow2"
    path.write_bytes(b"content")
    return path


def test_many_may_share_a_base(image):
    with hold_shared(image), hold_shared(image) as second:
        assert second.path == image


def test_a_base_that_is_shared_is_not_replaced_in_place(image):
    with hold_shared(image), pytest.raises(ImageLocked, match="another imagekit run"), hold_exclusive(image):
        pass


def test_a_base_that_is_replaced_in_place_is_not_shared(image):
    with hold_exclusive(image), pytest.raises(ImageLocked), hold_shared(image):
        pass


def test_a_lock_ends_with_its_block_even_by_an_error(image):
    with contextlib.suppress(RuntimeError), hold_exclusive(image):
        raise RuntimeError

    with hold_exclusive(image) as held:
        assert held.path == image


def test_the_bytes_that_qemu_locks_stay_free(image):
    with hold_exclusive(image), image.open("rb+") as other:
        for start in (100, 200):
            fcntl.lockf(other, fcntl.LOCK_EX | fcntl.LOCK_NB, 10, start)

        assert image.read_bytes() == b"content"


def test_a_writer_is_known_by_the_byte_that_qemu_locks(image):
    with image.open("rb+") as writer:
        fcntl.fcntl(writer, fcntl.F_OFD_SETLK, struct.pack("hhqqi4x", fcntl.F_RDLCK, 0, 100, 1, 0))
        assert not lock.is_written_by_qemu(image)
        fcntl.fcntl(writer, fcntl.F_OFD_SETLK, struct.pack("hhqqi4x", fcntl.F_RDLCK, 0, 101, 1, 0))
        assert lock.is_written_by_qemu(image)

    assert not lock.is_written_by_qemu(image)


def test_a_wait_ends_as_soon_as_the_lock_is_free(image):
    released = threading.Event()
    with contextlib.ExitStack() as stack:
        stack.enter_context(hold_exclusive(image))
        threading.Thread(target=lambda: (released.wait(), stack.close())).start()
        released.set()
        with hold_exclusive(image, wait=60) as held:
            assert held.path == image


def test_a_file_that_is_not_there_cannot_be_locked(tmp_path):
    with pytest.raises(CannotLock, match="No such file"), hold_shared(tmp_path / "none"):
        pass


def test_an_output_that_does_not_exist_is_held_by_a_file_beside_it(tmp_path):
    output = tmp_path / "out.qcow2"

    with hold_output(output) as held:
        assert held.path == tmp_path / ".out.qcow2.imagekit-lock"
        with pytest.raises(ImageLocked) as caught, hold_output(output):
            pass
        assert caught.value.path == output

    assert list(tmp_path.iterdir()) == []


def test_the_same_output_is_held_under_another_name_of_its_folder(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")

    with hold_output(tmp_path / "real/out"), pytest.raises(ImageLocked), hold_output(tmp_path / "link/out"):
        pass


def test_the_lock_file_of_an_output_is_gone_after_an_error(tmp_path):
    with contextlib.suppress(RuntimeError), hold_output(tmp_path / "out"):
        raise RuntimeError

    assert list(tmp_path.iterdir()) == []


def test_a_lock_file_of_a_dead_run_is_taken_over(tmp_path):
    (tmp_path / ".out.imagekit-lock").touch()

    with hold_output(tmp_path / "out") as held:
        assert held.path.exists()


def test_a_lock_file_that_was_removed_while_it_was_awaited_does_not_count(tmp_path, monkeypatch):
    """Without a second look two runs would hold the lock: one on the file, one on a file that has no name."""
    path = tmp_path / ".out.imagekit-lock"
    first = True
    really = lock.try_lock

    def remove_before_the_lock(descriptor, kind):
        nonlocal first
        if first:
            first = False
            path.unlink()
        return really(descriptor, kind)

    monkeypatch.setattr(lock, "try_lock", remove_before_the_lock)

    with hold_output(tmp_path / "out") as held:
        assert path.stat().st_ino == os.fstat(held.descriptor).st_ino


def test_a_link_in_place_of_the_lock_file_is_not_followed(tmp_path):
    (tmp_path / "victim").touch()
    (tmp_path / ".out.imagekit-lock").symlink_to("victim")

    with pytest.raises(CannotLock), hold_output(tmp_path / "out"):
        pass


def test_a_name_as_long_as_the_file_system_allows_can_be_held(tmp_path):
    with hold_output(tmp_path / ("x" * 255)) as held:
        assert held.path.exists()


def test_a_stale_lock_file_is_removed_and_a_held_one_is_not(tmp_path):
    stale = tmp_path / ".stale.imagekit-lock"
    stale.touch()

    with hold_output(tmp_path / "held") as held:
        assert not lock.remove_if_stale(held.path)
        assert held.path.exists()
    assert lock.remove_if_stale(stale)
    assert not stale.exists()
    assert not lock.remove_if_stale(stale)


def test_a_lock_file_that_another_run_made_meanwhile_is_not_removed(tmp_path, monkeypatch):
    stale = tmp_path / ".out.imagekit-lock"
    stale.touch()
    really = lock.try_lock

    def replace_before_the_lock(descriptor, kind):
        (tmp_path / "new").touch()
        (tmp_path / "new").replace(stale)
        return really(descriptor, kind)

    monkeypatch.setattr(lock, "try_lock", replace_before_the_lock)

    assert not lock.remove_if_stale(stale)
    assert stale.exists()


def test_a_lock_lives_on_in_a_descriptor_that_was_passed_on(image):
    """The janitor inherits the lock, so that no other run begins before it has cleaned up."""
    with hold_exclusive(image) as held:
        inherited = os.dup(held.descriptor)

    with pytest.raises(ImageLocked), hold_exclusive(image):
        pass
    os.close(inherited)
    with hold_exclusive(image) as again:
        assert again.path == image
