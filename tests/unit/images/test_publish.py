from __future__ import annotations

import errno
import os
import stat
import threading

import pytest

from imagekit.hostdisk import HostDiskFull
from imagekit.images import publish as module
from imagekit.images.publish import (
    CannotPublish,
    CannotReplaceBase,
    OutputExists,
    OutputIsInput,
    OutputNotAFile,
    check_output,
    publish,
    publish_in_place,
    receipt_beside,
    write_receipt_file,
)


@pytest.fixture
def temp(write):
    return write(b"new", "temp")


@pytest.fixture
def output(tmp_path):
    return tmp_path / "out.qcow2"


@pytest.fixture(params=[0o022, 0o077])
def umask(request):
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_an_output_is_the_finished_file_with_the_mode_of_any_new_file(temp, output, umask):
    publish(temp, output)

    assert output.read_bytes() == b"new"
    assert mode(output) == 0o666 & ~umask
    assert not temp.exists()


def test_an_output_that_holds_a_secret_is_private(temp, output):
    publish(temp, output, secret=True)

    assert mode(output) == 0o600


def test_an_output_that_is_there_is_left_alone(temp, output):
    output.write_bytes(b"old")

    with pytest.raises(OutputExists, match="exists"):
        publish(temp, output)

    assert output.read_bytes() == b"old"
    assert temp.exists()


def test_a_dangling_link_is_there_as_well(temp, output):
    output.symlink_to("nowhere")

    with pytest.raises(OutputExists):
        publish(temp, output)


def test_force_replaces_an_output_and_withdraws_its_receipt(temp, output):
    output.write_bytes(b"old")
    receipt_beside(output).write_text("{}")

    publish(temp, output, force=True)

    assert output.read_bytes() == b"new"
    assert not receipt_beside(output).exists()


def test_force_replaces_a_link_and_not_what_it_points_at(temp, output, write):
    target = write(b"target", "target")
    output.symlink_to(target)

    publish(temp, output, force=True)

    assert target.read_bytes() == b"target"
    assert output.read_bytes() == b"new"


def test_force_does_not_replace_a_folder(temp, output):
    output.mkdir()

    with pytest.raises(OutputNotAFile):
        publish(temp, output, force=True)


def test_of_many_that_publish_at_once_exactly_one_wins(output, write):
    results = []
    gate = threading.Barrier(8)

    def race(number):
        mine = write(str(number).encode(), f"temp{number}")
        gate.wait()
        try:
            publish(mine, output)
            results.append(number)
        except OutputExists:
            pass

    racers = [threading.Thread(target=race, args=(number,)) for number in range(8)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()

    assert [output.read_bytes()] == [str(number).encode() for number in results]


def refuse(number):
    def call(*args, **options):
        raise OSError(number, os.strerror(number))

    return call


@pytest.mark.parametrize("without_links", [False, True])
def test_a_file_system_without_renameat2_still_never_loses_an_output(temp, output, monkeypatch, without_links):
    monkeypatch.setattr(module, "_renameat2", refuse(errno.EINVAL))
    if without_links:
        monkeypatch.setattr(module.os, "link", refuse(errno.EPERM))
    other = temp.with_name("other")
    other.write_bytes(b"other")

    publish(temp, output)
    with pytest.raises(OutputExists):
        publish(other, output)

    assert output.read_bytes() == b"new"
    assert not temp.exists()


def test_a_c_library_without_renameat2_is_a_file_system_without_it(temp, output, monkeypatch):
    monkeypatch.setattr(module, "_libc", object())

    publish(temp, output)

    assert output.read_bytes() == b"new"


def test_a_full_disk_and_another_fault_have_classes_of_their_own(temp, output, monkeypatch):
    monkeypatch.setattr(module, "flush", refuse(errno.ENOSPC))
    with pytest.raises(HostDiskFull):
        publish(temp, output)
    monkeypatch.setattr(module, "flush", refuse(errno.EIO))
    with pytest.raises(CannotPublish, match="Input/output error"):
        publish(temp, output)

    assert not output.exists()


def test_the_file_is_flushed_before_its_name_and_its_folder_after(temp, output, monkeypatch):
    steps = []
    monkeypatch.setattr(module, "flush", lambda path: steps.append((path.name, output.exists())))

    publish(temp, output)

    assert steps == [("temp", False), (output.parent.name, True)]


def test_a_base_that_is_replaced_keeps_its_mode_owner_and_attributes(temp, write, info):
    base = info(write(b"base", "base.qcow2"))
    base.path.chmod(0o640)
    os.setxattr(base.path, "user.origin", b"here")
    receipt_beside(base.path).write_text("{}")

    publish_in_place(temp, base)

    assert base.path.read_bytes() == b"new"
    assert mode(base.path) == 0o640
    assert os.getxattr(base.path, "user.origin") == b"here"
    assert not receipt_beside(base.path).exists()


def test_a_base_that_is_replaced_by_one_with_a_secret_is_closed_to_others(temp, write, info):
    base = info(write(b"base", "base.qcow2"))
    base.path.chmod(0o644)

    publish_in_place(temp, base, secret=True)

    assert mode(base.path) == 0o600


def test_a_base_whose_owner_cannot_be_kept_stays(temp, write, info, monkeypatch):
    base = info(write(b"base", "base.qcow2"))
    monkeypatch.setattr(module.os, "chown", refuse(errno.EPERM))

    with pytest.raises(CannotReplaceBase, match="only root"):
        publish_in_place(temp, base)

    assert base.path.read_bytes() == b"base"


def test_a_device_is_not_replaced_in_place(temp, write, info):
    base = info(write(b"base", "base.qcow2")).model_copy(update={"path": temp.joinpath("/dev/null")})

    with pytest.raises(CannotReplaceBase):
        publish_in_place(temp, base)


def test_a_receipt_appears_whole_in_place_of_an_older_one(tmp_path, output):
    (tmp_path / "work").mkdir()
    receipt = receipt_beside(output)
    receipt.write_text("an older and longer one")

    write_receipt_file("{}\n", receipt, workspace=tmp_path / "work")

    assert receipt.name == "out.qcow2.receipt.json"
    assert receipt.read_text() == "{}\n"
    assert list((tmp_path / "work").iterdir()) == []


def test_an_output_that_is_free_passes(output, write, info):
    check_output(output, info(write(b"base", "base")))


def test_an_output_that_exists_is_refused_early_but_with_force(output, write, info):
    base = info(write(b"base", "base"))
    output.write_bytes(b"old")

    with pytest.raises(OutputExists):
        check_output(output, base)
    check_output(output, base, force=True)


@pytest.mark.parametrize("how", ["symlink_to", "hardlink_to"])
def test_the_base_is_never_an_output_by_any_name_even_with_force(output, write, info, how):
    base = info(write(b"base", "base"))
    getattr(output, how)(base.path)

    for path in (base.path, output):
        with pytest.raises(OutputIsInput):
            check_output(path, base, force=True)


def test_a_file_that_the_base_builds_on_is_never_an_output(write, info):
    below = write(b"below", "below")
    base = info(write(b"base", "base"), backing=(below,))

    with pytest.raises(OutputIsInput):
        check_output(below, base, force=True)


def test_a_folder_or_a_pipe_is_no_output(output, write, info):
    base = info(write(b"base", "base"))
    os.mkfifo(output)

    for path in (output, output.parent):
        with pytest.raises(OutputNotAFile):
            check_output(path, base, force=True)


def test_a_dangling_link_is_replaced_by_force_only(output, write, info):
    base = info(write(b"base", "base"))
    output.symlink_to("nowhere")

    with pytest.raises(OutputExists):
        check_output(output, base)
    check_output(output, base, force=True)
